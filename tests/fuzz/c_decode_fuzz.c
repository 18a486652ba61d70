/* What a server, or whoever speaks in its place, sends as a value: the runtime of generated C decodes it or refuses it.
 * What it decodes is encoded again, read again, and printed. */
#include "../../templates/c/pdl_codec.c"
#include "../../templates/c/pdl_text.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const labels[] = {"calm", "", "wide awake"};
static const struct pdl_enum mood = {labels, 3};

/* A composite value of every kind of member, another one and an array of it among them. */
struct inner { pdl_opt_int4 zip; pdl_text street; pdl_texts tags; };
struct outer {
  pdl_opt_bool flag;
  struct { bool set; struct inner v; } one;
  struct { const struct inner *v; size_t n; const bool *null; } many;
  pdl_opt_tstzrange span;
  pdl_ranges spans;
  struct pdl_label mood;
};
static const struct pdl_column inner_fields[] = {
    {"zip", "", "", NULL, NULL, offsetof(struct inner, zip), PDL_INT4, PDL_NULLABLE},
    {"street", "", "", NULL, NULL, offsetof(struct inner, street), PDL_TEXT, PDL_NULLABLE},
    {"tags", "", "", NULL, NULL, offsetof(struct inner, tags), PDL_TEXT, PDL_NULLABLE | PDL_ARRAY}};
static const struct pdl_shape inner = {inner_fields, 3, sizeof(struct inner), 8, false};
static const struct pdl_column outer_fields[] = {
    {"flag", "", "", NULL, NULL, offsetof(struct outer, flag), PDL_BOOL, PDL_NULLABLE},
    {"one", "", "", NULL, &inner, offsetof(struct outer, one), PDL_RECORD, PDL_NULLABLE},
    {"many", "", "", NULL, &inner, offsetof(struct outer, many), PDL_RECORD, PDL_NULLABLE | PDL_ARRAY},
    {"span", "", "", NULL, &pdl_tstzrange_shape, offsetof(struct outer, span), PDL_RECORD, PDL_NULLABLE},
    {"spans", "", "", NULL, &pdl_range_shape, offsetof(struct outer, spans), PDL_RECORD,
     PDL_NULLABLE | PDL_ARRAY | PDL_MULTIRANGE},
    {"mood", "", "", &mood, NULL, offsetof(struct outer, mood), PDL_ENUM, PDL_NULLABLE}};
static const struct pdl_shape outer = {outer_fields, 6, sizeof(struct outer), 8, false};

static unsigned long decoded; /* values that could be */

static void check(bool good) {
  if (!good)
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 2)
    return 0;
  struct pdl_column c = {"c", "", "", &mood, NULL, 8, (unsigned char)(data[0] % PDL_CODEC_COUNT),
                         data[1] & (PDL_NULLABLE | PDL_ARRAY)};
  c.shape = c.codec == PDL_RECORD ? &outer : NULL;
  const bool array = c.flags & PDL_ARRAY;
  union {
    char bytes[sizeof(struct outer) + 16];
    int64_t aligned;
  } row, again;
  PGresult *r = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
  struct pdl_buf b = {NULL, 0, 0, false}, text = {NULL, 0, 0, false}, copy = {NULL, 0, 0, false};
  const size_t n = size - 2;
  char *wire = malloc(n + 1); /* as libpq has it: with a NUL behind, and not a byte more */
  memcpy(wire, data + 2, n);
  wire[n] = 0;
  memset(&row, 0, sizeof row);
  const char *wrong = pdl_decode(&c, wire, n, &row, r);
  const void *value = wrong ? NULL : pdl_value_at(&c, &row);
  decoded += !wrong;
  if (value) {
    char fixed[PDL_FIXED];
    const char *p;
    size_t m;
    const bool good = pdl_encode(&c, array, value, fixed, &b, &p, &m);
    check(good || c.codec == PDL_RECORD); /* a bound may be neither infinite nor there */
    check(pdl_format(&c, array, value, &text) == good);
    if (c.codec != PDL_RECORD) { /* which is written in another form */
      char *second = malloc(m + 1);
      memcpy(second, p ? p : b.p, m);
      second[m] = 0;
      check(!pdl_decode(&c, second, m, &again, r));
      check(array || c.codec == PDL_INET || c.codec == PDL_CIDR || c.codec == PDL_BOOL ||
            (m == n && memcmp(second, wire, n) == 0));
      free(second);
    }
    (void)pdl_encode_copy(&c, value, &copy); /* a numeric's text may be none */
  }
  free(wire);
  free(b.p);
  free(text.p);
  free(copy.p);
  PQclear(r);
  return 0;
}
