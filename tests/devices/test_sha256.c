/* tests/devices/test_sha256.c - the hash that names images, against the examples of FIPS 180-4 */
#include "tests/devices/support.h"

#include <string.h>

#include "engine/core/sha256.h"

/* Hashes `text` `times` times over, in pieces of `piece` bytes. */
static void check(const char *text, size_t times, size_t piece, const char *expected)
{
    struct rk_sha256 hash;
    uint8_t digest[32];
    char hex[65];
    rk_sha256_init(&hash);
    for (size_t i = 0; i < times; i++) {
        for (size_t at = 0; at < strlen(text); at += piece) {
            size_t left = strlen(text) - at;
            rk_sha256_add(&hash, text + at, left < piece ? left : piece);
        }
    }
    rk_sha256_finish(&hash, digest);
    rk_sha256_hex(digest, hex);
    assert_string_equal(hex, expected);
}

static void examples_of_the_standard(void **state)
{
    (void)state;
    check("", 1, 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check("abc", 1, 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    const char *two_blocks = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
    for (size_t piece = 1; piece <= 56; piece++) {
        check(two_blocks, 1, piece, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    }
    check("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 20000, 50,
          "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(examples_of_the_standard)};
    return cmocka_run_group_tests_name("sha256", tests, NULL, NULL);
}
