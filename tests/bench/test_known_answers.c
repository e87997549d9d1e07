/* The tables of known answers: none is missing, and each has the form that the mailbox needs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "backends/operation_info.h"
#include "bench/known_answers.h"
#include "bench/lengths.h"

static size_t count_names(const char *names)
{
    size_t count = *names != '\0';
    for (const char *at = strchr(names, ','); at != NULL; at = strchr(at + 1, ',')) {
        count++;
    }
    return count;
}

static size_t count_fields(const char *const *fields, size_t max)
{
    size_t count = 0;
    while (count < max && fields[count] != NULL) {
        count++;
    }
    return count;
}

/* Operations whose only output is cost, and those in a format of our own: bench_group. */
static bool has_output_of_its_own(const struct rk_operation_info *info)
{
    return info->shape != RK_SHAPE_INIT && info->shape != RK_SHAPE_LIFECYCLE && info->shape != RK_SHAPE_LIFECYCLE_BY &&
           info->shape != RK_SHAPE_GROUP;
}

static bool can_refuse(uint8_t shape)
{
    switch (shape) {
    case RK_SHAPE_OPEN:
    case RK_SHAPE_AGREE:
    case RK_SHAPE_VERIFY:
    case RK_SHAPE_DECRYPT:
    case RK_SHAPE_UNWRAP:
    case RK_SHAPE_PAKE_TWO:
    case RK_SHAPE_PAKE_SECRET:
        return true;
    default:
        return false;
    }
}

static void test_every_operation_has_answers(void **state)
{
    (void)state;
    const struct rk_operation_info *info;
    for (unsigned op = 0; (info = rk_operation_info(op)) != NULL; op++) {
        size_t count = 0, accepted = 0, rejected = 0;
        const struct rk_known_answer *answers = rk_known_answers((enum rk_operation)op, &count);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(answers[i].op, op);
            accepted += answers[i].result == RK_CRYPTO_OK;
            rejected += answers[i].result == RK_CRYPTO_REJECTED;
        }
        if (has_output_of_its_own(info) != (accepted > 0) || can_refuse(info->shape) != (rejected > 0)) {
            fail_msg("%s: %zu accepting and %zu rejecting answers", info->name, accepted, rejected);
        }
    }
}

static void check_hex(const struct rk_known_answer *answer, const char *field)
{
    if (strspn(field, "0123456789abcdef") != strlen(field) || strlen(field) % 2 != 0) {
        fail_msg("operation %d, %s: a field is no lower-case hexadecimal text", (int)answer->op, answer->source);
    }
}

/* Inputs by number and length as the operation takes them; a rejecting answer has outputs of zeros. */
static void check_answer(const struct rk_operation_info *info, const struct rk_known_answer *answer)
{
    const char *name = rk_operation_inputs(info);
    for (size_t i = 0; i < count_fields(answer->inputs, RK_KNOWN_INPUTS_MAX); i++) {
        char text[24];
        size_t length = strcspn(name, ",");
        snprintf(text, sizeof text, "%.*s", (int)length, name);
        name += length + (name[length] == ',');
        check_hex(answer, answer->inputs[i]);
        struct rk_input_length takes = rk_input_length(info, text);
        size_t bytes = strlen(answer->inputs[i]) / 2;
        if (bytes < takes.least || bytes > takes.most || (bytes - takes.least) % takes.step != 0) {
            fail_msg("%s, %s: `%s` has %zu bytes", info->name, answer->source, text, bytes);
        }
    }
    for (size_t i = 0; i < count_fields(answer->outputs, RK_KNOWN_OUTPUTS_MAX); i++) {
        check_hex(answer, answer->outputs[i]);
        if (answer->result == RK_CRYPTO_REJECTED) {
            assert_int_equal(strspn(answer->outputs[i], "0"), strlen(answer->outputs[i]));
        }
    }
}

static void test_answers_have_the_form_of_their_operation(void **state)
{
    (void)state;
    const struct rk_operation_info *info;
    for (unsigned op = 0; (info = rk_operation_info(op)) != NULL; op++) {
        size_t count = 0;
        const struct rk_known_answer *answers = rk_known_answers((enum rk_operation)op, &count);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(count_fields(answers[i].inputs, RK_KNOWN_INPUTS_MAX),
                             count_names(rk_operation_inputs(info)));
            assert_int_equal(count_fields(answers[i].outputs, RK_KNOWN_OUTPUTS_MAX),
                             count_names(rk_operation_outputs(info)));
            check_answer(info, &answers[i]);
        }
    }
}

/* A ciphertext that was tampered with gives another secret, and no rejection (FIPS 203). */
static void test_decapsulation_rejects_implicitly(void **state)
{
    (void)state;
    static const enum rk_operation operations[] = {RK_OP_mlkem512_decapsulate, RK_OP_mlkem768_decapsulate};
    for (size_t i = 0; i < 2; i++) {
        size_t count = 0;
        const struct rk_known_answer *answers = rk_known_answers(operations[i], &count);
        assert_int_equal(count, 2);
        assert_string_equal(answers[0].inputs[0], answers[1].inputs[0]);
        assert_string_not_equal(answers[0].inputs[1], answers[1].inputs[1]);
        assert_string_not_equal(answers[0].outputs[0], answers[1].outputs[0]);
    }
}

static void test_an_answer_may_name_library_and_version(void **state)
{
    (void)state;
    const struct rk_known_answer all = {.backend = NULL};
    const struct rk_known_answer library = {.backend = "mbedtls"};
    const struct rk_known_answer version = {.backend = "mbedtls@2.28.3"};
    assert_true(rk_known_answer_applies(&all, "wolfssl", "5.7.2"));
    assert_true(rk_known_answer_applies(&library, "mbedtls", "3.6.6"));
    assert_false(rk_known_answer_applies(&library, "wolfssl", "5.7.2"));
    assert_false(rk_known_answer_applies(&library, "mbed", "3.6.6"));
    assert_true(rk_known_answer_applies(&version, "mbedtls", "2.28.3"));
    assert_false(rk_known_answer_applies(&version, "mbedtls", "3.6.6"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_operation_has_answers),
        cmocka_unit_test(test_answers_have_the_form_of_their_operation),
        cmocka_unit_test(test_decapsulation_rejects_implicitly),
        cmocka_unit_test(test_an_answer_may_name_library_and_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
