/* tests/devices/test_firmware.c - the builder of images: what fits, what does not, and the same bytes wherever it
 * builds */
#include "tests/devices/support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void get(const char *device, const char *backend, struct rk_firmware *firmware)
{
    struct rk_diag diag = {""};
    if (rk_firmware_get(device, backend, NULL, firmware, &diag) != RK_OK) {
        fail_msg("%s", diag.text);
    }
}

/* Linkers say it in their own words: GNU ld of two ages, and lld. */
static void what_does_not_fit_says_why(void **state)
{
    static const char *const devices[] = {"atmega1284p", "cortex-m4", "msp430f1611"};
    static struct rk_firmware firmware;
    (void)state;
    for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++) {
        get(devices[i], "tests/devices/too_big", &firmware);
        assert_null(rk_firmware_image(&firmware, RK_OP_sha256));
        assert_string_equal(rk_firmware_reason(&firmware, RK_OP_sha256), "does not fit: ram");
        assert_null(rk_firmware_image(&firmware, RK_OP_hmac_sha256));
        assert_string_equal(rk_firmware_reason(&firmware, RK_OP_hmac_sha256), "does not fit: flash");
        assert_null(rk_firmware_image(&firmware, RK_OP_hkdf_sha256));
        const char *reason = rk_firmware_reason(&firmware, RK_OP_hkdf_sha256);
        assert_ptr_equal(strstr(reason, "does not link: undefined "), reason);
        assert_non_null(strstr(reason, "rk_of_no_library"));
        assert_non_null(rk_firmware_image(&firmware, RK_OP_empty));
        assert_non_null(rk_firmware_image(&firmware, RK_OP_sha1));
        assert_null(rk_firmware_reason(&firmware, RK_OP_sha1));
        assert_null(rk_firmware_image(&firmware, RK_OP_COUNT));
    }
}

static void facts_of_device_and_backend_are_there(void **state)
{
    static struct rk_firmware firmware;
    (void)state;
    get("atmega1284p", "tests/devices/too_big", &firmware);
    assert_non_null(strstr(firmware.compiler, "avr-gcc (GCC) "));
    assert_string_equal(firmware.flags, "-Os -mmcu=atmega1284p");
    assert_true(firmware.upstream_unsupported);
    assert_string_equal(firmware.upstream_reason, "it is too big on purpose");
    assert_string_equal(firmware.changed_lines, "none of its lines");
}

/* An operation needs its algorithm, and a generator where it draws random numbers. */
static void what_is_not_provided_has_no_image(void **state)
{
    static const enum rk_operation absent[] = {RK_OP_sha384, RK_OP_p256_agree, RK_OP_drbg_init, RK_OP_key_renew,
                                               RK_OP_lifecycle_step};
    static const char *const devices[] = {"atmega1284p", "host"};
    (void)state;
    for (int d = 0; d < 2; d++) {
        static struct rk_firmware firmware;
        assert_int_equal(rk_firmware_get(devices[d], "tests/devices/fixture", NULL, &firmware, NULL), RK_OK);
        for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++) {
            assert_null(rk_firmware_image(&firmware, absent[i]));
            assert_string_equal(rk_firmware_reason(&firmware, absent[i]), "not provided by the library");
        }
        assert_non_null(rk_firmware_image(&firmware, RK_OP_aes_key_wrap));
        assert_non_null(rk_firmware_image(&firmware, RK_OP_empty));
    }
}

static void sizes_are_of_this_operation(void **state)
{
    (void)state;
    static struct rk_firmware firmware;
    struct rk_firmware_sizes empty, hash;
    get("atmega1284p", "tests/devices/fixture", &firmware);
    assert_int_equal(rk_firmware_measure(rk_firmware_image(&firmware, RK_OP_empty), &empty, NULL), RK_OK);
    assert_int_equal(rk_firmware_measure(rk_firmware_image(&firmware, RK_OP_sha256), &hash, NULL), RK_OK);
    assert_true(empty.ram_static_bytes < 100); /* without the mailbox */
    assert_in_range(empty.flash_bytes, 200, 1000);
    /* 64 round constants and 8 initial values of 4 bytes are in RAM on an AVR, and once more in flash */
    assert_in_range(hash.ram_static_bytes - empty.ram_static_bytes, 288, 320);
    assert_true(hash.flash_bytes > empty.flash_bytes + 1500);
    assert_int_equal(strlen(hash.sha256), 64);
    assert_string_not_equal(hash.sha256, empty.sha256);
}

static void a_failed_build_names_the_error(void **state)
{
    (void)state;
    static struct rk_firmware firmware;
    struct rk_diag diag;
    assert_int_equal(rk_firmware_get("atmega1284p", "tests/devices/broken", NULL, &firmware, &diag), RK_ERR_INPUT);
    assert_non_null(strstr(diag.text, "firmware of tests/devices/broken for atmega1284p does not build: "));
    assert_non_null(strstr(diag.text, "this library refuses the device"));
    char *log = strstr(diag.text, "(log: ");
    assert_non_null(log);
    log[strlen(log) - 1] = '\0';
    assert_int_equal(access(log + strlen("(log: "), R_OK), 0);
}

static void unknown_names_are_refused(void **state)
{
    (void)state;
    static struct rk_firmware firmware;
    struct rk_diag diag;
    assert_int_equal(rk_firmware_get("atmega9", "mbedtls", NULL, &firmware, &diag), RK_ERR_INPUT);
    assert_string_equal(diag.text, "device 'atmega9': no devices/atmega9/device.cmake");
    assert_int_equal(rk_firmware_get("../devices/host", "mbedtls", NULL, &firmware, &diag), RK_ERR_INPUT);
    assert_int_equal(rk_firmware_get("atmega1284p", "gnutls", NULL, &firmware, &diag), RK_ERR_INPUT);
    assert_string_equal(diag.text, "backend 'gnutls': no backends/gnutls/backend.cmake");
}

/* Builds again in another cache, and from a tree under another name; every image has the same bytes. */
static void images_do_not_depend_on_the_place(void **state)
{
    (void)state;
    static struct rk_firmware here, there;
    static const char *const devices[] = {"atmega1284p", "host"};
    const char *cache = getenv("XDG_CACHE_HOME");
    char other_cache[512];
    char link[640];
    char root[1024];
    assert_non_null(cache);
    snprintf(other_cache, sizeof other_cache, "%s/another-XXXXXX", cache);
    assert_non_null(mkdtemp(other_cache));
    snprintf(root, sizeof root, "%s", rk_firmware_root());
    snprintf(link, sizeof link, "%s/a-longer-name-of-the-tree", other_cache);
    assert_int_equal(symlink(root, link), 0);
    for (int d = 0; d < 2; d++) {
        assert_int_equal(rk_firmware_get(devices[d], "tests/devices/fixture", NULL, &here, NULL), RK_OK);
        setenv("REKEYLAB_ROOT", link, 1);
        char *saved = strdup(cache);
        setenv("XDG_CACHE_HOME", other_cache, 1);
        assert_int_equal(rk_firmware_get(devices[d], "tests/devices/fixture", NULL, &there, NULL), RK_OK);
        setenv("XDG_CACHE_HOME", saved, 1);
        setenv("REKEYLAB_ROOT", root, 1);
        free(saved);
        cache = getenv("XDG_CACHE_HOME");
        assert_string_not_equal(here.directory, there.directory);
        assert_string_equal(strrchr(here.directory, '/'), strrchr(there.directory, '/')); /* the same inputs */
        for (unsigned i = 0; i < RK_OP_COUNT; i++) {
            struct rk_firmware_sizes left, right;
            if (rk_firmware_image(&here, i) == NULL) {
                assert_string_equal(rk_firmware_reason(&here, i), rk_firmware_reason(&there, i));
                continue;
            }
            assert_int_equal(rk_firmware_measure(rk_firmware_image(&here, i), &left, NULL), RK_OK);
            assert_int_equal(rk_firmware_measure(rk_firmware_image(&there, i), &right, NULL), RK_OK);
            assert_string_equal(left.sha256, right.sha256);
        }
    }
    char command[640];
    snprintf(command, sizeof command, "rm -rf '%s'", other_cache);
    assert_int_equal(system(command), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_does_not_fit_says_why),        cmocka_unit_test(facts_of_device_and_backend_are_there),
        cmocka_unit_test(sizes_are_of_this_operation),       cmocka_unit_test(what_is_not_provided_has_no_image),
        cmocka_unit_test(a_failed_build_names_the_error),    cmocka_unit_test(unknown_names_are_refused),
        cmocka_unit_test(images_do_not_depend_on_the_place),
    };
    return cmocka_run_group_tests_name("firmware", tests, NULL, NULL);
}
