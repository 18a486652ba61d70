/* pdl_codec.c: values on the wire, in binary both ways. Trusts no byte that it reads. */
#include <stdlib.h>
#include <string.h>

#include "pdl_private.h"

static const Oid numeric_oid = 1700;
const char pdl_no_memory[] = "out of memory";

struct codec {
  Oid oid, array_oid;
  int wire;        /* bytes, or -1 */
  size_t size;     /* in memory */
  size_t opt_at;   /* where pdl_opt_… has the value */
};
#define PDL_CODEC(name, oid, array, wire, type)                                                                        \
  struct opt_##name { bool set; type v; };
PDL_CODECS(PDL_CODEC)
#undef PDL_CODEC
static const struct codec codecs[] = {
#define PDL_CODEC(name, oid, array, wire, type) {oid, array, wire, sizeof(type), offsetof(struct opt_##name, v)},
    PDL_CODECS(PDL_CODEC)
#undef PDL_CODEC
};

Oid pdl_result_oid(const struct pdl_column *c, bool array) {
  return array ? codecs[c->codec].array_oid : codecs[c->codec].oid;
}

Oid pdl_param_oid(const struct pdl_column *c, bool array) {
  const struct codec *codec = &codecs[c->codec == PDL_RECORD ? (unsigned)PDL_TEXT : c->codec];
  return array && !(c->flags & PDL_MULTIRANGE) ? codec->array_oid : codec->oid;
}

size_t pdl_size_of(const struct pdl_column *c) {
  return c->shape ? c->shape->size : codecs[c->codec].size;
}

static size_t opt_at(const struct pdl_column *c) {
  return c->shape ? c->shape->opt_at : codecs[c->codec].opt_at;
}

/* Whether arrays of it have the member null. */
static bool has_null(unsigned codec) {
  return codec < PDL_TEXT;
}

/* ── ranges ── */

#define RANGE_PART(range, member, name, codec, read)                                                                   \
  {name, read, "", NULL, NULL, (unsigned)offsetof(range, member), codec, 0}
#define PDL_RANGE(name, type, codec, read)                                                                             \
  static const struct pdl_column name##_fields[PDL_RANGE_FIELDS] = {                                                   \
      RANGE_PART(pdl_##name, lower, "lower", codec, read),                                                             \
      RANGE_PART(pdl_##name, upper, "upper", codec, read),                                                             \
      RANGE_PART(pdl_##name, empty, "isempty", PDL_BOOL, ""),                                                          \
      RANGE_PART(pdl_##name, lower_inc, "lower_inc", PDL_BOOL, ""),                                                    \
      RANGE_PART(pdl_##name, upper_inc, "upper_inc", PDL_BOOL, ""),                                                    \
      RANGE_PART(pdl_##name, lower_inf, "lower_inf", PDL_BOOL, ""),                                                    \
      RANGE_PART(pdl_##name, upper_inf, "upper_inf", PDL_BOOL, "")};                                                   \
  const struct pdl_shape pdl_##name##_shape = {name##_fields, PDL_RANGE_FIELDS, sizeof(pdl_##name),                    \
                                               offsetof(pdl_opt_##name, v), true};
PDL_RANGES(PDL_RANGE)
#undef PDL_RANGE

/* ── bytes ── */

void pdl_buf_add(struct pdl_buf *b, const void *p, size_t n) {
  if (b->failed)
    return;
  if (b->cap - b->n < n) {
    size_t cap = b->cap ? b->cap : 256;
    while (cap - b->n < n && cap <= SIZE_MAX / 4)
      cap *= 2;
    char *grown = cap - b->n < n ? NULL : (char *)realloc(b->p, cap);
    if (!grown) {
      b->failed = true;
      return;
    }
    b->p = grown;
    b->cap = cap;
  }
  if (n)
    memcpy(b->p + b->n, p, n);
  b->n += n;
}

void pdl_buf_adds(struct pdl_buf *b, const char *s) {
  pdl_buf_add(b, s, strlen(s));
}

static void store16(char *p, uint16_t v) {
  p[0] = (char)(unsigned char)(v >> 8);
  p[1] = (char)(unsigned char)(v & 255);
}

static void store32(char *p, uint32_t v) {
  store16(p, (uint16_t)(v >> 16));
  store16(p + 2, (uint16_t)(v & 0xffff));
}

static void store64(char *p, uint64_t v) {
  store32(p, (uint32_t)(v >> 32));
  store32(p + 4, (uint32_t)(v & 0xffffffff));
}

static uint16_t load16(const char *p) {
  return (uint16_t)((unsigned char)p[0] << 8 | (unsigned char)p[1]);
}

static uint32_t load32(const char *p) {
  return (uint32_t)load16(p) << 16 | load16(p + 2);
}

static uint64_t load64(const char *p) {
  return (uint64_t)load32(p) << 32 | load32(p + 4);
}

void pdl_buf_add16(struct pdl_buf *b, uint16_t v) {
  char p[2];
  store16(p, v);
  pdl_buf_add(b, p, 2);
}

void pdl_buf_add32(struct pdl_buf *b, uint32_t v) {
  char p[4];
  store32(p, v);
  pdl_buf_add(b, p, 4);
}

void pdl_buf_put32(struct pdl_buf *b, size_t at, uint32_t v) {
  if (!b->failed)
    store32(b->p + at, v);
}

/* ── where values lie ── */

static bool is_null_label(const struct pdl_label *l) {
  return l->v == 0 && !l->label.p;
}

/* Whether a value whose NULL is a NULL pointer is one; the pointer is its first member. */
static bool is_null_pointer(const void *value) {
  const void *p;
  memcpy(&p, value, sizeof p);
  return !p;
}

const void *pdl_value_at(const struct pdl_column *c, const void *row) {
  const char *at = (const char *)row + c->offset;
  if (c->flags & PDL_ARRAY)
    return is_null_pointer(at) ? NULL : at;
  if (c->codec == PDL_ENUM)
    return is_null_label((const struct pdl_label *)(const void *)at) ? NULL : at;
  if (c->codec >= PDL_TEXT)
    return is_null_pointer(at) ? NULL : at;
  if (!(c->flags & PDL_NULLABLE))
    return at;
  return *(const bool *)at ? at + opt_at(c) : NULL;
}

/* ── reading ── */

static void decode_text(const char *p, size_t n, void *out) {
  const pdl_text text = {p, n};
  memcpy(out, &text, sizeof text);
}

static const char *decode_label(const struct pdl_column *c, const char *p, size_t n, void *out) {
  struct pdl_label label = {0, {p, n}};
  for (int i = 0; i < c->labels->count && !label.v; i++)
    if (strlen(c->labels->labels[i]) == n && memcmp(c->labels->labels[i], p, n) == 0)
      label.v = i + 1;
  memcpy(out, &label, sizeof label);
  return NULL;
}

static const char *decode_inet(const char *p, size_t n, void *out) {
  enum { FAMILY_4 = 2, FAMILY_6 = 3 };
  pdl_inet inet;
  memset(&inet, 0, sizeof inet);
  const size_t bytes = n >= 4 && p[0] == FAMILY_4 ? 4 : 16;
  if (n != 4 + bytes || (p[0] != FAMILY_4 && p[0] != FAMILY_6) || (unsigned char)p[3] != bytes ||
      (unsigned char)p[1] > bytes * 8)
    return "value is no network address";
  inet.family = bytes == 4 ? 4 : 6;
  inet.bits = (uint8_t)p[1];
  memcpy(inet.b, p + 4, bytes);
  memcpy(out, &inet, sizeof inet);
  return NULL;
}

static const char *decode_bit(const char *p, size_t n, void *out) {
  pdl_bit bit;
  if (n < 4)
    return "value is no bit string";
  bit.p = (const uint8_t *)p + 4;
  bit.n = load32(p);
  if (bit.n > INT32_MAX || n - 4 != (bit.n + 7) / 8)
    return "value is no bit string";
  memcpy(out, &bit, sizeof bit);
  return NULL;
}

static const char is_null[] = "value is null, which the column could not be";
static inline const char *decode(const struct pdl_column *c, const char *bytes, size_t n, void *row, PGresult *result);

/* A bound of a range that is none says nothing of its own. Fields lie in one piece of the result's memory, each with a
 * NUL behind it. */
static const char *decode_record(const struct pdl_shape *shape, const char *p, size_t n, void *out, PGresult *result) {
  if (n < 4 || load32(p) != shape->count)
    return "composite value has another number of attributes";
  char *copy = (char *)PQresultAlloc(result, n + shape->count);
  if (!copy)
    return pdl_no_memory;
  memset(out, 0, shape->size);
  size_t at = 4;
  for (unsigned i = 0; i < shape->count; i++) {
    const struct pdl_column *field = &shape->fields[i];
    if (n - at < 8)
      return "value is no composite value";
    const uint32_t oid = load32(p + at), length = load32(p + at + 4);
    const bool null = length == UINT32_MAX;
    at += 8;
    if (oid != pdl_result_oid(field, field->flags & PDL_ARRAY))
      return "attribute has another type than the program was built for";
    if (!null && length > n - at)
      return "value is no composite value";
    if (null && !(field->flags & PDL_NULLABLE) && !(shape->is_range && i <= PDL_UPPER))
      return is_null;
    if (null)
      continue;
    memcpy(copy, p + at, length);
    copy[length] = 0;
    const char *wrong = decode(field, copy, length, out, result);
    if (wrong)
      return wrong;
    copy += length + 1;
    at += length;
  }
  return at == n ? NULL : "value is no composite value";
}

/* One value into memory of its C type. Its bytes are followed by a NUL. */
static inline const char *decode_value(const struct pdl_column *c, const char *p, size_t n, void *out,
                                       PGresult *result) {
  const struct codec *codec = &codecs[c->codec];
  if (codec->wire >= 0 && n != (size_t)codec->wire)
    return "value has another length than its type";
  switch ((enum pdl_codec)c->codec) {
  case PDL_BOOL: {
    const bool v = p[0] != 0;
    memcpy(out, &v, sizeof v);
    return NULL;
  }
  case PDL_INT2: {
    const uint16_t v = load16(p);
    memcpy(out, &v, sizeof v);
    return NULL;
  }
  case PDL_INT4:
  case PDL_FLOAT4:
  case PDL_OID:
  case PDL_DATE: {
    const uint32_t v = load32(p);
    memcpy(out, &v, sizeof v);
    return NULL;
  }
  case PDL_INT8:
  case PDL_FLOAT8:
  case PDL_TIME:
  case PDL_TIMESTAMP:
  case PDL_TIMESTAMPTZ: {
    const uint64_t v = load64(p);
    memcpy(out, &v, sizeof v);
    return NULL;
  }
  case PDL_TIMETZ: {
    const pdl_timetz v = {(int64_t)load64(p), (int32_t)load32(p + 8)};
    memcpy(out, &v, sizeof v);
    return NULL;
  }
  case PDL_INTERVAL: {
    const pdl_interval v = {(int64_t)load64(p), (int32_t)load32(p + 8), (int32_t)load32(p + 12)};
    memcpy(out, &v, sizeof v);
    return NULL;
  }
  case PDL_UUID:
    memcpy(out, p, 16);
    return NULL;
  case PDL_MACADDR:
  case PDL_MACADDR8:
    memcpy(out, p, n);
    return NULL;
  case PDL_INET:
  case PDL_CIDR:
    return decode_inet(p, n, out);
  case PDL_BIT:
  case PDL_VARBIT:
    return decode_bit(p, n, out);
  case PDL_JSONB:
    if (n < 1 || p[0] != 1)
      return "value is jsonb of an unknown version";
    decode_text(p + 1, n - 1, out);
    return NULL;
  case PDL_TEXT:
  case PDL_VARCHAR:
  case PDL_BPCHAR:
  case PDL_NAME:
  case PDL_JSON:
  case PDL_BYTEA:
  case PDL_NUMERIC:
  case PDL_CAST:
    decode_text(p, n, out);
    return NULL;
  case PDL_ENUM:
    return decode_label(c, p, n, out);
  case PDL_RECORD:
    return decode_record(c->shape, p, n, out, result);
  case PDL_CODEC_COUNT:
    break;
  }
  return "value has no codec";
}

/* Elements, their bytes each with a NUL behind it, and the marks of NULLs lie in one piece of the result's memory. */
static const char *decode_array(const struct pdl_column *c, const char *p, size_t n, void *out, PGresult *result) {
  static const char empty[1] = {0};
  const size_t size = pdl_size_of(c);
  struct pdl_array array = {empty, 0, NULL};
  const bool nulls = has_null(c->codec);
  if (n < 12)
    return "value is no array";
  const uint32_t dimensions = load32(p);
  if (load32(p + 8) != pdl_result_oid(c, false))
    return "array has elements of another type";
  if (dimensions > 1)
    return dimensions > 6 ? "value is no array" : "array has more than one dimension";
  if (dimensions == 1) {
    if (n < 20)
      return "value is no array";
    array.n = load32(p + 12);
    const size_t bytes = n - 20;
    if (array.n > bytes / 4) /* each has its length before it */
      return "value is no array";
    if (array.n > (SIZE_MAX - bytes) / (size + 2))
      return pdl_no_memory;
    char *v = (char *)PQresultAlloc(result, array.n * (size + 2) + bytes + 1);
    if (!v)
      return pdl_no_memory;
    memset(v, 0, array.n * size);
    bool *null = (bool *)(void *)(v + array.n * size), any_null = false;
    char *copy = (char *)(null + array.n);
    size_t at = 20;
    for (size_t i = 0; i < array.n; i++) {
      if (n - at < 4)
        return "value is no array";
      const uint32_t length = load32(p + at);
      at += 4;
      null[i] = length == UINT32_MAX;
      if (null[i]) {
        any_null = true;
        continue;
      }
      if (length > n - at)
        return "value is no array";
      memcpy(copy, p + at, length);
      copy[length] = 0;
      const char *wrong = decode_value(c, copy, length, v + i * size, result);
      if (wrong)
        return wrong;
      copy += length + 1;
      at += length;
    }
    if (at != n)
      return "value is no array";
    array.v = array.n ? v : empty;
    array.null = any_null ? null : NULL;
  } else if (n != 12) {
    return "value is no array";
  }
  memcpy(out, &array, nulls ? sizeof array : offsetof(struct pdl_array, null));
  return NULL;
}

/* Over memory that is all zero, which is what NULL is. */
static inline const char *decode(const struct pdl_column *c, const char *bytes, size_t n, void *row, PGresult *result) {
  char *at = (char *)row + c->offset;
  if (c->flags & PDL_ARRAY)
    return decode_array(c, bytes, n, at, result);
  if (c->flags & PDL_NULLABLE && c->codec < PDL_TEXT) {
    *(bool *)(void *)at = true;
    at += opt_at(c);
  }
  return decode_value(c, bytes, n, at, result);
}

const char *pdl_decode(const struct pdl_column *c, const char *bytes, size_t n, void *row, PGresult *result) {
  return decode(c, bytes, n, row, result);
}

const char *pdl_decode_row(const struct pdl_table *t, PGresult *r, int row, void *out,
                           const struct pdl_column **column) {
  const struct pdl_column *c = t->columns;
  memset(out, 0, t->size);
  for (int i = 0; i < (int)t->count; i++, c++) {
    const int n = PQgetlength(r, row, i);
    const char *wrong = NULL;
    if (n > 0 || !PQgetisnull(r, row, i))
      wrong = decode(c, PQgetvalue(r, row, i), (size_t)n, out, r);
    else if (!(c->flags & PDL_NULLABLE))
      wrong = is_null;
    if (wrong) {
      *column = c;
      return wrong;
    }
  }
  return NULL;
}

/* ── writing ── */

bool pdl_is_null_element(unsigned codec, const struct pdl_array *array, size_t stride, size_t i) {
  if (has_null(codec))
    return array->null && array->null[i];
  const char *at = (const char *)array->v + i * stride;
  return codec == PDL_ENUM ? is_null_label((const struct pdl_label *)(const void *)at) : is_null_pointer(at);
}

bool pdl_text_of(const struct pdl_column *c, const void *value, pdl_text *text) {
  if (c->codec == PDL_ENUM) {
    const struct pdl_label *l = (const struct pdl_label *)value;
    if (l->v < 0 || l->v > c->labels->count)
      return false;
    *text = l->v ? pdl_str(c->labels->labels[l->v - 1]) : l->label;
  } else {
    memcpy(text, value, sizeof *text);
  }
  return text->p && text->n <= INT32_MAX - 64;
}

/* numeric_recv() takes groups of four decimal digits. */
static bool encode_numeric(pdl_text dec, struct pdl_buf *b) {
  enum { NEGATIVE = 0x4000, NOT_A_NUMBER = 0xC000, INFINITE = 0xD000, NEGATIVE_INFINITE = 0xF000 };
  static const struct { const char *text; uint16_t sign; } specials[] = {
      {"NaN", NOT_A_NUMBER}, {"Infinity", INFINITE}, {"-Infinity", NEGATIVE_INFINITE}};
  const size_t length_at = b->n;
  pdl_buf_add32(b, 8);
  for (size_t i = 0; i < sizeof specials / sizeof *specials; i++)
    if (pdl_text_is(dec, specials[i].text)) {
      pdl_buf_add32(b, 0);
      pdl_buf_add16(b, specials[i].sign);
      pdl_buf_add16(b, 0);
      return true;
    }
  const char *p = dec.p, *end = dec.p + dec.n;
  const bool negative = p < end && *p == '-';
  if (p < end && (*p == '-' || *p == '+'))
    p++;
  while (p < end && *p == '0' && end - p > 1 && p[1] != '.')
    p++;
  const char *dot = p;
  while (dot < end && *dot >= '0' && *dot <= '9')
    dot++;
  const size_t whole = (size_t)(dot - p), scale = dot < end ? (size_t)(end - dot) - 1 : 0;
  if ((dot < end && *dot != '.') || whole + scale == 0 || whole > 131072 || scale > 16383)
    return false;
  for (const char *q = dot + 1; q < end; q++)
    if (*q < '0' || *q > '9')
      return false;
  const size_t groups = (whole + 3) / 4 + (scale + 3) / 4;
  pdl_buf_add16(b, (uint16_t)groups);
  pdl_buf_add16(b, (uint16_t)((int)((whole + 3) / 4) - 1));
  pdl_buf_add16(b, negative ? NEGATIVE : 0);
  pdl_buf_add16(b, (uint16_t)scale);
  const long first = -(long)((4 - whole % 4) % 4); /* of digits before the dot, which stands at `whole` */
  for (size_t g = 0; g < groups; g++) {
    unsigned value = 0;
    for (long at = first + (long)g * 4, i = 0; i < 4; i++, at++) {
      const long k = at < (long)whole ? at : at + 1;
      value = value * 10 + (k >= 0 && p + k < end ? (unsigned)(p[k] - '0') : 0);
    }
    pdl_buf_add16(b, (uint16_t)value);
  }
  pdl_buf_put32(b, length_at, (uint32_t)(8 + groups * 2));
  return true;
}

struct pdl_array pdl_array_at(const struct pdl_column *c, const void *value) {
  struct pdl_array array = {NULL, 0, NULL};
  memcpy(&array, value, has_null(c->codec) ? sizeof array : offsetof(struct pdl_array, null));
  return array;
}

/* Its length and then itself. */
static bool add_value(const struct pdl_column *c, const void *value, struct pdl_buf *b, bool copy) {
  const size_t length_at = b->n;
  char fixed[PDL_FIXED];
  const char *p;
  size_t n;
  if (copy && c->codec == PDL_NUMERIC)
    return encode_numeric(((const pdl_numeric *)value)->dec, b);
  pdl_buf_add32(b, 0);
  if (!pdl_encode(c, false, value, fixed, b, &p, &n) || n > INT32_MAX)
    return false;
  if (p)
    pdl_buf_add(b, p, n);
  pdl_buf_put32(b, length_at, (uint32_t)n);
  return true;
}

/* Elements that lie `stride` bytes apart. */
static bool add_array(const struct pdl_column *c, const struct pdl_array *array, size_t stride, struct pdl_buf *b,
                      bool copy) {
  if (array->n > INT32_MAX)
    return false;
  bool any_null = false;
  for (size_t i = 0; i < array->n && !any_null; i++)
    any_null = pdl_is_null_element(c->codec, array, stride, i);
  pdl_buf_add32(b, array->n ? 1 : 0);
  pdl_buf_add32(b, any_null);
  pdl_buf_add32(b, copy && c->codec == PDL_NUMERIC ? numeric_oid : pdl_param_oid(c, false));
  if (array->n) {
    pdl_buf_add32(b, (uint32_t)array->n);
    pdl_buf_add32(b, 1);
  }
  for (size_t i = 0; i < array->n; i++)
    if (any_null && pdl_is_null_element(c->codec, array, stride, i))
      pdl_buf_add32(b, UINT32_MAX);
    else if (!add_value(c, (const char *)array->v + i * stride, b, copy))
      return false;
  return true;
}

bool pdl_encode_many(const struct pdl_column *c, const void *first, size_t count, size_t stride, struct pdl_buf *b) {
  const struct pdl_array array = {first, count, NULL};
  return add_array(c, &array, stride, b, false);
}

bool pdl_encode(const struct pdl_column *c, bool array, const void *value, char *fixed, struct pdl_buf *b,
                const char **p, size_t *n) {
  const size_t before = b->n;
  pdl_text text;
  *p = fixed;
  *n = (size_t)codecs[c->codec].wire;
  if (array) {
    const struct pdl_array a = pdl_array_at(c, value);
    const bool good = c->flags & PDL_MULTIRANGE ? pdl_format(c, true, value, b)
                                                : add_array(c, &a, pdl_size_of(c), b, false);
    *p = NULL;
    *n = b->n - before;
    return good;
  }
  switch ((enum pdl_codec)c->codec) {
  case PDL_BOOL:
    fixed[0] = *(const bool *)value;
    return true;
  case PDL_INT2: {
    uint16_t v;
    memcpy(&v, value, sizeof v);
    store16(fixed, v);
    return true;
  }
  case PDL_INT4:
  case PDL_FLOAT4:
  case PDL_OID:
  case PDL_DATE: {
    uint32_t v;
    memcpy(&v, value, sizeof v);
    store32(fixed, v);
    return true;
  }
  case PDL_INT8:
  case PDL_FLOAT8:
  case PDL_TIME:
  case PDL_TIMESTAMP:
  case PDL_TIMESTAMPTZ: {
    uint64_t v;
    memcpy(&v, value, sizeof v);
    store64(fixed, v);
    return true;
  }
  case PDL_TIMETZ: {
    const pdl_timetz *v = (const pdl_timetz *)value;
    store64(fixed, (uint64_t)v->us);
    store32(fixed + 8, (uint32_t)v->zone);
    return true;
  }
  case PDL_INTERVAL: {
    const pdl_interval *v = (const pdl_interval *)value;
    store64(fixed, (uint64_t)v->us);
    store32(fixed + 8, (uint32_t)v->days);
    store32(fixed + 12, (uint32_t)v->months);
    return true;
  }
  case PDL_UUID:
  case PDL_MACADDR:
  case PDL_MACADDR8:
    memcpy(fixed, value, *n);
    return true;
  case PDL_INET:
  case PDL_CIDR: {
    const pdl_inet *v = (const pdl_inet *)value;
    const size_t bytes = v->family == 4 ? 4 : 16;
    if ((v->family != 4 && v->family != 6) || v->bits > bytes * 8)
      return false;
    fixed[0] = v->family == 4 ? 2 : 3;
    fixed[1] = (char)v->bits;
    fixed[2] = c->codec == PDL_CIDR;
    fixed[3] = (char)bytes;
    memcpy(fixed + 4, v->b, bytes);
    *n = 4 + bytes;
    return true;
  }
  case PDL_JSONB:
    if (!pdl_text_of(c, value, &text))
      return false;
    pdl_buf_add(b, "\1", 1);
    pdl_buf_add(b, text.p, text.n);
    break;
  case PDL_BIT:
  case PDL_VARBIT: {
    const pdl_bit *v = (const pdl_bit *)value;
    if (v->n > INT32_MAX - 64)
      return false;
    pdl_buf_add32(b, (uint32_t)v->n);
    pdl_buf_add(b, v->p, (v->n + 7) / 8);
    break;
  }
  case PDL_RECORD:
    if (!pdl_format(c, false, value, b))
      return false;
    break;
  case PDL_TEXT:
  case PDL_VARCHAR:
  case PDL_BPCHAR:
  case PDL_NAME:
  case PDL_JSON:
  case PDL_BYTEA:
  case PDL_NUMERIC:
  case PDL_CAST:
  case PDL_ENUM:
    if (!pdl_text_of(c, value, &text))
      return false;
    *p = text.p;
    *n = text.n;
    return true;
  case PDL_CODEC_COUNT:
    return false;
  }
  *p = NULL;
  *n = b->n - before;
  return true;
}

bool pdl_encode_copy(const struct pdl_column *c, const void *value, struct pdl_buf *b) {
  const size_t length_at = b->n;
  if (!(c->flags & PDL_ARRAY))
    return add_value(c, value, b, true);
  const struct pdl_array array = pdl_array_at(c, value);
  pdl_buf_add32(b, 0);
  if (!add_array(c, &array, pdl_size_of(c), b, true) || b->n - length_at - 4 > INT32_MAX)
    return false;
  pdl_buf_put32(b, length_at, (uint32_t)(b->n - length_at - 4));
  return true;
}
