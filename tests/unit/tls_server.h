/* A TLS server for tests that answers what a handler writes, byte by byte: whole replies, broken
 * ones, silence. It shares no code with the client. */
#ifndef CLAVIGER_TEST_TLS_SERVER_H
#define CLAVIGER_TEST_TLS_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct tls_server;
struct tls_conn;

struct tls_request {
	char method[16];
	char target[8192]; /* path and query */
	const char *head;  /* the whole head, NUL-terminated */
	const char *body;  /* NUL-terminated, "" when there is none */
	int number;        /* 1 for the first request that this server saw */
	int connection;    /* 1 for the first connection */
};

/* Runs on a thread of the connection. Returns whether the connection stays open. */
typedef bool tls_handler(void *user, struct tls_conn *conn, const struct tls_request *request);

struct tls_options {
	tls_handler *handler;
	void *user;
	const char *const *names; /* of the certificate; NULL: those of Azure and of localhost */
	size_t names_len;
	time_t not_before, not_after; /* 0: valid now */
	bool foreign_ca;              /* signed by a CA that nobody trusts */
	bool plain;                   /* no TLS: says 400 in plain HTTP */
	bool old;                     /* TLS 1.1 only */
};

struct tls_server *tls_server_start(const struct tls_options *options);
void tls_server_stop(struct tls_server *server);

/* The port on 127.0.0.1, and the same as connect_to has it. */
int tls_server_port(const struct tls_server *server);
const char *tls_server_at(const struct tls_server *server);

/* PEM file of the CA that signs every server of this process. */
const char *tls_ca_file(void);

int tls_server_connections(struct tls_server *server);
int tls_server_requests(struct tls_server *server);
/* Whether nobody ever connected: not one byte came. */
bool tls_server_untouched(struct tls_server *server);

void tls_write(struct tls_conn *conn, const char *bytes, size_t len);
/* A whole reply; headers are lines with \r\n at each end, may be "". */
void tls_reply(struct tls_conn *conn, int status, const char *headers, const char *body);
/* Nothing more until the client hangs up or the server stops. */
void tls_stall(struct tls_conn *conn);
/* Ends the connection with a reset. */
void tls_reset(struct tls_conn *conn);

#endif
