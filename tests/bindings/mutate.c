/* Bytes as the server sends them, and then changed, through the fuzzer's test of the decoders:
 *
 *     mutate COUNT      prints how many values there were, their bytes, and how many could be decoded */
#include <stdio.h>

#include "../fuzz/c_decode_fuzz.c"

enum { SIZE = 2048, SEEDS = 512 };
struct bytes { uint8_t v[SIZE]; size_t n; };
static struct bytes seeds[SEEDS];
static size_t seed_count;

static void put(struct bytes *b, const void *p, size_t n) {
  check(b->n + n <= SIZE);
  memcpy(b->v + b->n, p, n);
  b->n += n;
}

static void put32(struct bytes *b, uint32_t v) {
  const uint8_t p[] = {(uint8_t)(v >> 24), (uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};
  put(b, p, 4);
}

static void add_seed(unsigned codec, unsigned flags, const struct bytes *value) {
  struct bytes *b = &seeds[seed_count++];
  const uint8_t head[] = {(uint8_t)codec, (uint8_t)flags};
  check(seed_count < SEEDS);
  put(b, head, 2);
  put(b, value->v, value->n);
}

static void put_array(struct bytes *b, uint32_t oid, const struct bytes *element, unsigned n) {
  put32(b, n ? 1 : 0);
  put32(b, 1);
  put32(b, oid);
  if (n) {
    put32(b, n + 1);
    put32(b, 1);
    put32(b, UINT32_MAX);
  }
  for (unsigned i = 0; i < n; i++) {
    put32(b, (uint32_t)element->n);
    put(b, element->v, element->n);
  }
}

/* A value of the column's type, its parts as well. */
static struct bytes sample(const struct pdl_column *c, bool array) {
  static const char text[] = "wide awake";
  struct bytes b = {{0}, 0};
  if (array) {
    const struct bytes element = sample(c, false);
    put_array(&b, pdl_result_oid(c, false), &element, c->codec == PDL_RECORD ? 1 : 3);
  } else if (c->codec == PDL_RECORD) {
    put32(&b, c->shape->count);
    for (unsigned i = 0; i < c->shape->count; i++) {
      const struct pdl_column *field = &c->shape->fields[i];
      const struct bytes part = sample(field, field->flags & PDL_ARRAY);
      put32(&b, pdl_result_oid(field, field->flags & PDL_ARRAY));
      put32(&b, (uint32_t)part.n);
      put(&b, part.v, part.n);
    }
  } else if (codecs[c->codec].wire > 0) {
    for (int i = 0; i < codecs[c->codec].wire; i++)
      put(&b, "\1\2\3\4" + i % 4, 1);
  } else if (c->codec == PDL_INET || c->codec == PDL_CIDR) {
    put(&b, "\2\30\0\4\300\250\1\7", 8);
  } else if (c->codec == PDL_BIT || c->codec == PDL_VARBIT) {
    put32(&b, 10);
    put(&b, "\245\100", 2);
  } else {
    put(&b, "\1", c->codec == PDL_JSONB ? 1 : 0);
    put(&b, text, sizeof text - 1);
  }
  return b;
}

static uint64_t state = 42;
static unsigned any(size_t below) {
  state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (unsigned)((state >> 33) % below);
}

static void change(struct bytes *b) {
  switch (any(5)) {
  case 0: /* a bit */
    b->v[any(b->n)] ^= (uint8_t)(1u << any(8));
    break;
  case 1:
    b->v[any(b->n)] = (uint8_t)any(256);
    break;
  case 2: /* cut */
    b->n = 2 + any(b->n - 1);
    break;
  case 3: /* more */
    if (b->n < SIZE)
      b->v[b->n++] = (uint8_t)any(256);
    break;
  default: { /* a length or count that is another */
    static const uint8_t numbers[][4] = {{255, 255, 255, 255}, {127, 255, 255, 255}, {0, 0, 0, 0}, {0, 0, 0, 7}, {128, 0, 0, 0}};
    if (b->n >= 6)
      memcpy(b->v + 2 + any(b->n - 5), numbers[any(5)], 4);
  }
  }
}

int main(int count, char **arguments) {
  const unsigned long wanted = count > 1 ? strtoul(arguments[1], NULL, 10) : 40000;
  unsigned long long bytes = 0;
  for (unsigned codec = 0; codec < PDL_CODEC_COUNT; codec++)
    for (unsigned flags = 0; flags < 4; flags++) {
      const struct pdl_column c = {"c", "", "", &mood, codec == PDL_RECORD ? &outer : NULL, 0, (unsigned char)codec, 0};
      const struct bytes value = sample(&c, flags & PDL_ARRAY);
      add_seed(codec, flags, &value);
    }
  const unsigned long before = decoded;
  for (size_t i = 0; i < seed_count; i++)
    LLVMFuzzerTestOneInput(seeds[i].v, seeds[i].n);
  check(decoded - before == seed_count);
  for (unsigned long i = 0; i < wanted; i++) {
    struct bytes b = seeds[i % 3 ? any(seed_count) : PDL_RECORD * 4 + any(4)];
    for (unsigned k = any(4) + 1; k > 0 && b.n > 2; k--)
      change(&b);
    LLVMFuzzerTestOneInput(b.v, b.n);
    bytes += b.n;
  }
  printf("%lu values, %llu bytes, %lu decoded\n", wanted, bytes, decoded);
  return 0;
}
