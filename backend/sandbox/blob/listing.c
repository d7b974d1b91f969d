/* Lists as XML [List Containers, List Blobs]. A marker is the last name of the page before. */
#include "backend/sandbox/blob/listing.h"

#include <stdlib.h>
#include <string.h>

#include "backend/base/text.h"
#include "backend/sandbox/reply.h"

enum { PAGE = 5000, XML_MAX = 16 << 20 };

struct page {
	const char *prefix, *marker, *delimiter; /* "" for none */
	long most;
	bool metadata;
};

static bool
take_page(struct call *call, struct page *page)
{
	const char *most = call_query(call, "maxresults"), *include = call_query(call, "include");
	const char *prefix = call_query(call, "prefix"), *marker = call_query(call, "marker");
	const char *delimiter = call_query(call, "delimiter");
	char *end = NULL;

	*page = (struct page){.prefix = prefix ? prefix : "",
		.marker = marker ? marker : "",
		.delimiter = delimiter ? delimiter : "",
		.most = most ? strtol(most, &end, 10) : PAGE,
		.metadata = include && text_case_has(include, "metadata")};
	if (most && (!*most || *end || page->most < 1)) {
		reply_blob_error(call, 400, "OutOfRangeQueryParameterValue",
			"One of the query parameters specified in the request URI is outside the permissible range.");
		return false;
	}
	if (page->most > PAGE)
		page->most = PAGE;
	return true;
}

static bool
add_head(struct call *call, struct buf *out, const struct page *page, const char *container)
{
	char url[NAMES_URL];

	names_blob(&call->naming, call->naming.store, url);
	return buf_addf(out,
		       "<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults ServiceEndpoint=\"%s/\"%s%s%s>",
		       url, container ? " ContainerName=\"" : "", container ? container : "",
		       container ? "\"" : "") &&
	       (!page->prefix[0] ||
		       buf_addf(out, "<Prefix>%s</Prefix>", reply_xml(call, page->prefix))) &&
	       (!page->marker[0] ||
		       buf_addf(out, "<Marker>%s</Marker>", reply_xml(call, page->marker))) &&
	       buf_addf(out, "<MaxResults>%ld</MaxResults>", page->most) &&
	       (!page->delimiter[0] || buf_addf(out, "<Delimiter>%s</Delimiter>",
					       reply_xml(call, page->delimiter)));
}

static bool
add_end(struct call *call, struct buf *out, const char *next)
{
	return (*next ? buf_addf(out, "<NextMarker>%s</NextMarker>", reply_xml(call, next))
		      : buf_adds(out, "<NextMarker />")) &&
	       buf_adds(out, "</EnumerationResults>");
}

static bool
add_metadata(struct call *call, struct buf *out, const char *metadata)
{
	json_t *json = reply_stored(metadata), *value;
	bool ok = buf_adds(out, "<Metadata>");
	const char *name;

	json_object_foreach(json, name, value)
	{
		ok = ok && buf_addf(out, "<%s>%s</%s>", name,
				   reply_xml(call, json_string_value(value)), name);
	}
	json_decref(json);
	return ok && buf_adds(out, "</Metadata>");
}

void
listing_reply(struct call *call, struct buf *xml, bool whole)
{
	if (whole)
		reply_bytes(call, 200, "application/xml", arena_strdup(call->arena, buf_text(xml)),
			xml->len);
	else
		reply_blob_error(call, 500, "InternalError",
			"Server encountered an internal error. Please try again after some time.");
	buf_free(xml);
}

static bool
add_container(
	struct call *call, struct buf *out, const struct page *page, const struct container *c)
{
	char date[32];

	return buf_addf(out,
		       "<Container><Name>%s</Name><Properties><Last-Modified>%s</Last-Modified><Etag>\"%s\"</Etag><LeaseStatus>unlocked</LeaseStatus><LeaseState>available</LeaseState><DefaultEncryptionScope>$account-encryption-key</DefaultEncryptionScope><DenyEncryptionScopeOverride>false</DenyEncryptionScopeOverride><HasImmutabilityPolicy>false</HasImmutabilityPolicy><HasLegalHold>false</HasLegalHold><ImmutableStorageWithVersioningEnabled>false</ImmutableStorageWithVersioningEnabled></Properties>",
		       c->name, vclock_http((time_t)(c->modified_ms / 1000), date),
		       blob_etag(call, c->modified_ms, 0)) &&
	       (!page->metadata || add_metadata(call, out, c->metadata)) &&
	       buf_adds(out, "</Container>");
}

void
listing_containers(struct call *call, struct target *t)
{
	static const char after[] =
		"SELECT id, name, metadata, modified_ms FROM container WHERE account=? AND name>?"
		" AND substr(name,1,length(?3))=?3 ORDER BY name";
	struct db *db = call->world->db;
	struct container c = {.name = ""};
	const char *next = "";
	sqlite3_stmt *stmt;
	struct page page;
	struct buf xml;
	long n = 0;
	bool ok;

	if (!take_page(call, &page))
		return;
	buf_init(&xml, XML_MAX);
	ok = add_head(call, &xml, &page, NULL) && buf_adds(&xml, "<Containers>");
	db_lock(db);
	stmt = db_ask(db, after, "itt", t->account->id, page.marker, page.prefix);
	while (db_next(db, stmt)) {
		if (!ok || n++ == page.most) {
			next = c.name;
			db_done(stmt);
			break;
		}
		c = (struct container){.name = db_text(stmt, 1, call->arena),
			.metadata = db_text(stmt, 2, call->arena),
			.modified_ms = sqlite3_column_int64(stmt, 3)};
		ok = add_container(call, &xml, &page, &c);
	}
	db_unlock(db);
	ok = ok && buf_adds(&xml, "</Containers>") && add_end(call, &xml, next);
	listing_reply(call, &xml, ok);
}

static bool
add_blob(struct call *call, struct buf *out, const struct page *page, const struct blob *b)
{
	char made[32], changed[32];
	bool block = strcmp(b->type, "BlockBlob") == 0;

	vclock_http((time_t)(b->created_ms / 1000), made);
	vclock_http((time_t)(b->modified_ms / 1000), changed);
	return buf_addf(out,
		       "<Blob><Name>%s</Name><Properties><Creation-Time>%s</Creation-Time><Last-Modified>%s</Last-Modified><Etag>%s</Etag><Content-Length>%lld</Content-Length><Content-Type>%s</Content-Type><Content-Encoding /><Content-Language /><Content-CRC64 /><Content-MD5>%s</Content-MD5><Cache-Control /><Content-Disposition /><BlobType>%s</BlobType>",
		       reply_xml(call, b->name), made, changed,
		       blob_etag(call, b->modified_ms, b->revision), (long long)b->length,
		       reply_xml(call, b->content_type), b->md5, b->type) &&
	       (!block || buf_addf(out, "<AccessTier>%s</AccessTier>",
				  b->tier[0] ? b->tier : "Hot")) &&
	       (!block || b->tier[0] ||
		       buf_adds(out, "<AccessTierInferred>true</AccessTierInferred>")) &&
	       buf_adds(out,
		       "<LeaseStatus>unlocked</LeaseStatus><LeaseState>available</LeaseState><ServerEncrypted>true</ServerEncrypted></Properties>") &&
	       (!page->metadata || add_metadata(call, out, b->metadata)) &&
	       buf_adds(out, "<OrMetadata /></Blob>");
}

/* The part of a name up to the delimiter that follows the prefix; NULL when it is not there. */
static const char *
common_prefix(struct call *call, const struct page *page, const char *name)
{
	const char *at =
		page->delimiter[0] ? strstr(name + strlen(page->prefix), page->delimiter) : NULL;

	return at ? arena_printf(call->arena, "%.*s",
			    (int)(at - name + (ptrdiff_t)strlen(page->delimiter)), name)
		  : NULL;
}

/* Whether a name lies under what the page before ended with. */
static bool
listed_before(const struct page *page, const char *last, const char *prefix)
{
	return prefix && (strcmp(prefix, last) == 0 || strcmp(prefix, page->marker) == 0);
}

/* The lock is held. *next gets the last name when there is more. */
static bool
add_blobs(struct call *call, struct buf *out, const struct page *page, int64_t container,
	const char **next)
{
	struct db *db = call->world->db;
	sqlite3_stmt *stmt = db_ask(db, blobs_after, "itt", container, page->marker, page->prefix);
	const char *last = "";
	bool ok = true;
	long n = 0;

	while (db_next(db, stmt)) {
		const char *prefix;
		struct blob b;

		blob_read(stmt, call->arena, &b);
		prefix = common_prefix(call, page, b.name);
		if (listed_before(page, last, prefix))
			continue;
		if (!ok || n++ == page->most) {
			*next = last;
			db_done(stmt);
			break;
		}
		last = prefix ? prefix : b.name;
		ok = prefix ? buf_addf(out, "<BlobPrefix><Name>%s</Name></BlobPrefix>",
				      reply_xml(call, prefix))
			    : add_blob(call, out, page, &b);
	}
	return ok;
}

void
listing_blobs(struct call *call, struct target *t)
{
	const char *next = "";
	struct page page;
	struct buf xml;
	bool ok;

	if (!take_page(call, &page))
		return;
	buf_init(&xml, XML_MAX);
	ok = add_head(call, &xml, &page, t->container.name) && buf_adds(&xml, "<Blobs>");
	db_lock(call->world->db);
	ok = ok && add_blobs(call, &xml, &page, t->container.id, &next);
	db_unlock(call->world->db);
	ok = ok && buf_adds(&xml, "</Blobs>") && add_end(call, &xml, next);
	listing_reply(call, &xml, ok);
}
