/* SHA-256, as libcrypto has it. */
#include <openssl/evp.h>
#include <stdlib.h>

#include "base/base.h"

const char *digest_sha256(struct arena *arena, const void *bytes, size_t n) {
  unsigned char hash[EVP_MAX_MD_SIZE];
  unsigned len = 0;
  if (!EVP_Digest(bytes, n, hash, &len, EVP_sha256(), NULL) || len != DIGEST_HEX / 2) {
    fputs("pdlc: libcrypto has no SHA-256\n", stderr);
    exit(1);
  }
  char *hex = arena_alloc(arena, DIGEST_HEX + 1);
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < len; i++) {
    hex[2 * i] = digits[hash[i] >> 4];
    hex[2 * i + 1] = digits[hash[i] & 15];
  }
  return hex;
}
