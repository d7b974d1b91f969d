/* One thread a connection: a handler may stall for as long as its test wants. */
#include "tests/unit/tls_server.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/base/buf.h"
#include "backend/base/mem.h"
#include "crypto/cert.h"

enum { CONNS_MAX = 256, HEAD_MAX = 1 << 20 };

struct tls_server {
	struct tls_options options;
	SSL_CTX *ctx;
	int listener, port;
	char at[32];
	pthread_t acceptor;
	pthread_t threads[CONNS_MAX];
	_Atomic int fds[CONNS_MAX];
	_Atomic int connections, requests;
	atomic_bool stopping;
};

struct tls_conn {
	struct tls_server *server;
	SSL *ssl;
	int fd, number;
};

struct authority {
	struct buf cert, key;
};

static struct authority trusted, untrusted;
static char ca_path[64];
static pthread_once_t made = PTHREAD_ONCE_INIT;

static void
die(const char *what)
{
	fprintf(stderr, "tls_server: %s\n", what);
	abort();
}

static void
remove_ca(void)
{
	unlink(ca_path);
	buf_free(&trusted.cert);
	buf_free(&trusted.key);
	buf_free(&untrusted.cert);
	buf_free(&untrusted.key);
}

static void
make_authority(struct authority *out, const char *name)
{
	struct err err;

	buf_init(&out->cert, 65536);
	buf_init(&out->key, 65536);
	if (!cert_make_ca(name, NULL, 0, time(NULL), &out->cert, &out->key, &err))
		die(err.msg);
}

static void
make_authorities(void)
{
	int fd;

	make_authority(&trusted, "claviger test CA");
	make_authority(&untrusted, "claviger unknown CA");
	snprintf(ca_path, sizeof ca_path, "/tmp/claviger-test-ca-XXXXXX");
	fd = mkstemp(ca_path);
	if (fd < 0 || write(fd, trusted.cert.data, trusted.cert.len) != (ssize_t)trusted.cert.len)
		die("cannot write the CA file");
	close(fd);
	atexit(remove_ca);
}

const char *
tls_ca_file(void)
{
	pthread_once(&made, make_authorities);
	return ca_path;
}

static void
use_pem(SSL_CTX *ctx, const struct buf *cert, const struct buf *key)
{
	BIO *bio = BIO_new_mem_buf(cert->data, (int)cert->len);
	X509 *x509 = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	EVP_PKEY *pkey;

	BIO_free(bio);
	bio = BIO_new_mem_buf(key->data, (int)key->len);
	pkey = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	BIO_free(bio);
	if (SSL_CTX_use_certificate(ctx, x509) != 1 || SSL_CTX_use_PrivateKey(ctx, pkey) != 1)
		die("cannot use the certificate");
	X509_free(x509);
	EVP_PKEY_free(pkey);
}

static SSL_CTX *
make_ctx(const struct tls_options *options)
{
	static const char *const names[] = {"localhost", "*.vault.localhost", "IP:127.0.0.1",
		"management.azure.com", "login.microsoftonline.com", "*.vault.azure.net",
		"*.managedhsm.azure.net"};
	const struct authority *ca = options->foreign_ca ? &untrusted : &trusted;
	time_t now = time(NULL);
	struct buf cert, key;
	struct err err;
	SSL_CTX *ctx;

	tls_ca_file();
	buf_init(&cert, 65536);
	buf_init(&key, 65536);
	if (!cert_make_leaf(buf_text(&ca->cert), buf_text(&ca->key),
		    options->names ? options->names : names,
		    options->names ? options->names_len : ARRAY_LEN(names),
		    options->not_before ? options->not_before : now - 3600,
		    options->not_after ? options->not_after : now + 86400, &cert, &key, &err))
		die(err.msg);
	ctx = SSL_CTX_new(TLS_server_method());
	use_pem(ctx, &cert, &key);
	if (options->old) {
		SSL_CTX_set_min_proto_version(ctx, TLS1_1_VERSION);
		SSL_CTX_set_max_proto_version(ctx, TLS1_1_VERSION);
		SSL_CTX_set_cipher_list(ctx, "ALL:@SECLEVEL=0");
	}
	buf_free(&cert);
	buf_free(&key);
	return ctx;
}

static int
get_bytes(struct tls_conn *conn, char *out, int room)
{
	int n = SSL_read(conn->ssl, out, room);

	return n > 0 ? n : 0;
}

void
tls_write(struct tls_conn *conn, const char *bytes, size_t len)
{
	while (len) {
		int piece = len > 65536 ? 65536 : (int)len;
		int n = conn->ssl ? SSL_write(conn->ssl, bytes, piece)
				  : (int)send(conn->fd, bytes, (size_t)piece, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		bytes += n;
		len -= (size_t)n;
	}
}

void
tls_reply(struct tls_conn *conn, int status, const char *headers, const char *body)
{
	char *head = mem_printf("HTTP/1.1 %d X\r\n%sContent-Length: %zu\r\n\r\n%s", status, headers,
		strlen(body), body);

	tls_write(conn, head, strlen(head));
	free(head);
}

void
tls_stall(struct tls_conn *conn)
{
	struct pollfd fd = {.fd = conn->fd, .events = POLLRDHUP};

	while (!atomic_load(&conn->server->stopping) && poll(&fd, 1, 20) == 0)
		;
}

void
tls_reset(struct tls_conn *conn)
{
	struct linger now = {.l_onoff = 1};

	setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

/* Reads up to the blank line, then as many bytes as Content-Length says. */
static bool
read_request(struct tls_conn *conn, struct buf *in, struct tls_request *out)
{
	const char *end, *length;
	char piece[16384];
	size_t head, body = 0;
	int n;

	buf_clear(in);
	while ((end = strstr(buf_text(in), "\r\n\r\n")) == NULL) {
		n = get_bytes(conn, piece, sizeof piece);
		if (n == 0 || !buf_add(in, piece, (size_t)n))
			return false;
	}
	head = (size_t)(end - in->data) + 4;
	length = strcasestr(in->data, "\r\nContent-Length:");
	if (length && length < end)
		body = strtoul(length + strlen("\r\nContent-Length:"), NULL, 10);
	while (in->len < head + body) {
		n = get_bytes(conn, piece, sizeof piece);
		if (n == 0 || !buf_add(in, piece, (size_t)n))
			return false;
	}
	in->data[head - 1] = '\0';
	out->head = in->data;
	out->body = in->data + head;
	return sscanf(in->data, "%15s %8191s", out->method, out->target) == 2;
}

static void
serve(struct tls_conn *conn)
{
	struct tls_server *server = conn->server;
	struct tls_request *request = mem_alloc(sizeof *request);
	struct buf in;

	buf_init(&in, HEAD_MAX);
	while (!atomic_load(&server->stopping) && read_request(conn, &in, request)) {
		request->number = atomic_fetch_add(&server->requests, 1) + 1;
		request->connection = conn->number;
		if (!server->options.handler(server->options.user, conn, request))
			break;
	}
	buf_free(&in);
	free(request);
}

struct start {
	struct tls_server *server;
	int index;
};

static void *
connection(void *arg)
{
	struct start *start = arg;
	struct tls_conn conn = {.server = start->server,
		.fd = atomic_load(&start->server->fds[start->index]),
		.number = start->index + 1};

	if (conn.server->options.plain) {
		tls_reply(&conn, 400, "", "");
	} else {
		conn.ssl = SSL_new(conn.server->ctx);
		SSL_set_fd(conn.ssl, conn.fd);
		if (SSL_accept(conn.ssl) == 1)
			serve(&conn);
	}
	if (conn.ssl) {
		struct linger now;
		socklen_t len = sizeof now;

		if (getsockopt(conn.fd, SOL_SOCKET, SO_LINGER, &now, &len) == 0 && !now.l_onoff)
			SSL_shutdown(conn.ssl);
		SSL_free(conn.ssl);
	}
	atomic_store(&conn.server->fds[start->index], -1);
	close(conn.fd);
	free(start);
	return NULL;
}

static void *
acceptor(void *arg)
{
	struct tls_server *server = arg;
	int fd;

	while ((fd = accept(server->listener, NULL, NULL)) >= 0) {
		int index = atomic_load(&server->connections);
		struct start *start;

		if (index == CONNS_MAX)
			die("too many connections");
		start = mem_alloc(sizeof *start);
		*start = (struct start){server, index};
		atomic_store(&server->fds[index], fd);
		if (pthread_create(&server->threads[index], NULL, connection, start) != 0)
			die("no thread");
		atomic_fetch_add(&server->connections, 1);
	}
	return NULL;
}

struct tls_server *
tls_server_start(const struct tls_options *options)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct tls_server *server = mem_alloc(sizeof *server);
	socklen_t len = sizeof at;

	server->options = *options;
	if (!options->plain)
		server->ctx = make_ctx(options);
	server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(server->listener, (struct sockaddr *)&at, sizeof at) != 0 ||
		listen(server->listener, 64) != 0 ||
		getsockname(server->listener, (struct sockaddr *)&at, &len) != 0)
		die("cannot listen");
	server->port = ntohs(at.sin_port);
	snprintf(server->at, sizeof server->at, "127.0.0.1:%d", server->port);
	if (pthread_create(&server->acceptor, NULL, acceptor, server) != 0)
		die("no thread");
	return server;
}

void
tls_server_stop(struct tls_server *server)
{
	atomic_store(&server->stopping, true);
	shutdown(server->listener, SHUT_RDWR);
	pthread_join(server->acceptor, NULL);
	close(server->listener);
	for (int i = 0; i < atomic_load(&server->connections); i++) {
		int fd = atomic_load(&server->fds[i]);

		if (fd >= 0)
			shutdown(fd, SHUT_RDWR);
		pthread_join(server->threads[i], NULL);
	}
	SSL_CTX_free(server->ctx);
	free(server);
}

int
tls_server_port(const struct tls_server *server)
{
	return server->port;
}

const char *
tls_server_at(const struct tls_server *server)
{
	return server->at;
}

int
tls_server_connections(struct tls_server *server)
{
	return atomic_load(&server->connections);
}

int
tls_server_requests(struct tls_server *server)
{
	return atomic_load(&server->requests);
}

bool
tls_server_untouched(struct tls_server *server)
{
	return tls_server_connections(server) == 0;
}
