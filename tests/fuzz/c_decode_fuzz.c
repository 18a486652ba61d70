/* What a server, or whoever speaks in its place, sends as a value: the runtime of generated C decodes it or refuses it.
 * What it decodes is encoded again, read again, and printed. */
#include "../../templates/c/pdl_codec.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const labels[] = {"calm", "", "wide awake"};
static const struct pdl_enum mood = {labels, 3};

static void check(bool good) {
  if (!good)
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size < 2)
    return 0;
  struct pdl_column c = {"c", "", "", &mood, 8, (unsigned char)(data[0] % PDL_CODEC_COUNT), data[1] & (PDL_NULLABLE | PDL_ARRAY)};
  const bool array = c.flags & PDL_ARRAY;
  union {
    char bytes[64];
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
  if (value) {
    char fixed[PDL_FIXED];
    const char *p;
    size_t m;
    check(pdl_encode(&c, array, value, fixed, &b, &p, &m));
    char *second = malloc(m + 1);
    memcpy(second, p ? p : b.p, m);
    second[m] = 0;
    check(!pdl_decode(&c, second, m, &again, r));
    check(array || c.codec == PDL_INET || c.codec == PDL_CIDR || c.codec == PDL_BOOL || (m == n && memcmp(second, wire, n) == 0));
    check(pdl_format(&c, array, value, &text));
    (void)pdl_encode_copy(&c, value, &copy); /* a numeric's text may be none */
    free(second);
  }
  free(wire);
  free(b.p);
  free(text.p);
  free(copy.p);
  PQclear(r);
  return 0;
}
