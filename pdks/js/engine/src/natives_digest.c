/* The digests of crypto.subtle: SHA-1, SHA-256, SHA-384, SHA-512 (FIPS 180-4). */
#include <string.h>

#include "engine.h"

static uint32_t rotate32(uint32_t x, int n) { return x >> n | x << (32 - n); }
static uint64_t rotate64(uint64_t x, int n) { return x >> n | x << (64 - n); }

static uint64_t big_endian(const uint8_t *bytes, int count)
{
    uint64_t value = 0;
    for (int i = 0; i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

/* The round constants of SHA-512; those of SHA-256 are the upper halves of the first 64. */
static const uint64_t ROUNDS[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc, 0x3956c25bf348b538,
    0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118, 0xd807aa98a3030242, 0x12835b0145706fbe,
    0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2, 0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235,
    0xc19bf174cf692694, 0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5, 0x983e5152ee66dfab,
    0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4, 0xc6e00bf33da88fc2, 0xd5a79147930aa725,
    0x06ca6351e003826f, 0x142929670a0e6e70, 0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed,
    0x53380d139d95b3df, 0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30, 0xd192e819d6ef5218,
    0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8, 0x19a4c116b8d2d0c8, 0x1e376c085141ab53,
    0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8, 0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373,
    0x682e6ff3d6b2b8a3, 0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b, 0xca273eceea26619c,
    0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178, 0x06f067aa72176fba, 0x0a637dc5a2c898a6,
    0x113f9804bef90dae, 0x1b710b35131c471b, 0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc,
    0x431d67c49c100d4c, 0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};

/* One block of 64 (SHA-1, SHA-256) or 128 bytes (SHA-384, SHA-512) goes into the state, of words of 4 or 8 bytes. */
typedef void Compress(uint64_t state[8], const uint8_t *block);

static void compress_1(uint64_t state[8], const uint8_t *block)
{
    uint32_t w[80], a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
    for (int i = 0; i < 16; i++)
        w[i] = big_endian(block + i * 4, 4);
    for (int i = 16; i < 80; i++)
        w[i] = rotate32(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 31);
    for (int i = 0; i < 80; i++) {
        uint32_t mixed = i < 20   ? ((b & c) | (~b & d)) + 0x5a827999
                         : i < 40 ? (b ^ c ^ d) + 0x6ed9eba1
                         : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
                                  : (b ^ c ^ d) + 0xca62c1d6;
        uint32_t next = rotate32(a, 27) + mixed + e + w[i];
        e = d, d = c, c = rotate32(b, 2), b = a, a = next;
    }
    const uint32_t ends[5] = { a, b, c, d, e };
    for (int i = 0; i < 5; i++)
        state[i] = (uint32_t)(state[i] + ends[i]);
}

static void compress_256(uint64_t state[8], const uint8_t *block)
{
    uint32_t w[64], v[8];
    for (int i = 0; i < 8; i++)
        v[i] = state[i];
    for (int i = 0; i < 16; i++)
        w[i] = big_endian(block + i * 4, 4);
    for (int i = 16; i < 64; i++) {
        uint32_t low = rotate32(w[i - 15], 7) ^ rotate32(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t high = rotate32(w[i - 2], 17) ^ rotate32(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + low + w[i - 7] + high;
    }
    for (int i = 0; i < 64; i++) {
        uint32_t high = rotate32(v[4], 6) ^ rotate32(v[4], 11) ^ rotate32(v[4], 25);
        uint32_t first = v[7] + high + ((v[4] & v[5]) ^ (~v[4] & v[6])) + (uint32_t)(ROUNDS[i] >> 32) + w[i];
        uint32_t low = rotate32(v[0], 2) ^ rotate32(v[0], 13) ^ rotate32(v[0], 22);
        uint32_t second = low + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof v[0]);
        v[4] += first;
        v[0] = first + second;
    }
    for (int i = 0; i < 8; i++)
        state[i] = (uint32_t)(state[i] + v[i]);
}

static void compress_512(uint64_t state[8], const uint8_t *block)
{
    uint64_t w[80], v[8];
    memcpy(v, state, sizeof v);
    for (int i = 0; i < 16; i++)
        w[i] = big_endian(block + i * 8, 8);
    for (int i = 16; i < 80; i++) {
        uint64_t low = rotate64(w[i - 15], 1) ^ rotate64(w[i - 15], 8) ^ w[i - 15] >> 7;
        uint64_t high = rotate64(w[i - 2], 19) ^ rotate64(w[i - 2], 61) ^ w[i - 2] >> 6;
        w[i] = w[i - 16] + low + w[i - 7] + high;
    }
    for (int i = 0; i < 80; i++) {
        uint64_t high = rotate64(v[4], 14) ^ rotate64(v[4], 18) ^ rotate64(v[4], 41);
        uint64_t first = v[7] + high + ((v[4] & v[5]) ^ (~v[4] & v[6])) + ROUNDS[i] + w[i];
        uint64_t low = rotate64(v[0], 28) ^ rotate64(v[0], 34) ^ rotate64(v[0], 39);
        uint64_t second = low + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof v[0]);
        v[4] += first;
        v[0] = first + second;
    }
    for (int i = 0; i < 8; i++)
        state[i] += v[i];
}

typedef struct {
    uint32_t bits;
    Compress *compress;
    int word;   /* bytes of a word; a block has 16 words */
    int result; /* bytes of the digest */
    uint64_t start[8];
} Algorithm;

static const Algorithm ALGORITHMS[] = {
    { 1, compress_1, 4, 20, { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 } },
    { 256, compress_256, 4, 32,
      { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 } },
    { 384, compress_512, 8, 48,
      { 0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17, 0x152fecd8f70e5939, 0x67332667ffc00b31,
        0x8eb44a8768581511, 0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4 } },
    { 512, compress_512, 8, 64,
      { 0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1, 0x510e527fade682d1,
        0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179 } },
};

/* (1, 256, 384 or 512; Uint8Array): the digest as a Uint8Array. */
NATIVE(digest)
{
    uint32_t bits;
    if (JS_ToUint32(ctx, &bits, argv[0]) < 0)
        return JS_EXCEPTION;
    const Algorithm *algorithm = ALGORITHMS;
    while (algorithm->bits != bits) {
        if (++algorithm == ALGORITHMS + sizeof ALGORITHMS / sizeof ALGORITHMS[0])
            return JS_ThrowRangeError(ctx, "there is no digest SHA-%u", bits);
    }
    size_t length;
    const uint8_t *bytes = JS_GetUint8Array(ctx, &length, argv[1]);
    if (bytes == NULL && JS_HasException(ctx))
        return JS_EXCEPTION;
    uint64_t state[8];
    memcpy(state, algorithm->start, sizeof state);
    size_t block = algorithm->word * 16, whole = length - length % block;
    for (size_t i = 0; i < whole; i += block)
        algorithm->compress(state, bytes + i);
    /* The rest, a one bit, zeros, and the length in bits at the end of the last block. */
    uint8_t last[256] = { 0 };
    size_t rest = length - whole;
    size_t padded = rest + 1 + algorithm->word * 2 <= block ? block : block * 2;
    if (rest > 0)
        memcpy(last, bytes + whole, rest);
    last[rest] = 0x80;
    for (int i = 0; i < 8; i++)
        last[padded - 1 - i] = (uint64_t)length * 8 >> i * 8;
    for (size_t i = 0; i < padded; i += block)
        algorithm->compress(state, last + i);
    uint8_t result[64];
    for (int i = 0; i < algorithm->result; i++) {
        int word = i / algorithm->word, byte = algorithm->word - 1 - i % algorithm->word;
        result[i] = state[word] >> byte * 8;
    }
    return JS_NewUint8ArrayCopy(ctx, result, algorithm->result);
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("digest", 2, digest),
};
const Natives natives_digest = { functions, sizeof functions / sizeof functions[0] };
