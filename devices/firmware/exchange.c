/* devices/firmware/exchange.c - see exchange.h; compiled once for all images */
#include "devices/firmware/exchange.h"

#include <stddef.h>
#include <string.h>

#ifdef RK_MAILBOX_SECTION
__attribute__((section(RK_MAILBOX_SECTION))) struct rk_mailbox rk_mailbox;
#else
struct rk_mailbox rk_mailbox;
#endif

bool rki_exchange_begin(struct rki_exchange *x, struct rk_mailbox *mailbox)
{
    uint16_t at = 0;
    *x = (struct rki_exchange){.mailbox = mailbox};
    if (mailbox->fields > RKI_FIELDS_MAX || mailbox->data_bytes > RK_MAILBOX_DATA_bytes) {
        return false;
    }
    x->end = mailbox->data_bytes;
    for (uint16_t i = 0; i < mailbox->fields; i++) {
        if (mailbox->data_bytes - at < 2) {
            return false;
        }
        uint16_t bytes = rki_little16(mailbox->data + at);
        at = (uint16_t)(at + 2);
        if (mailbox->data_bytes - at < bytes) {
            return false;
        }
        x->in[i].at = mailbox->data + at;
        x->in[i].bytes = bytes;
        at = (uint16_t)(at + bytes);
    }
    x->inputs = mailbox->fields;
    return true;
}

static void put_length(uint8_t *at, uint16_t bytes)
{
    at[0] = (uint8_t)bytes;
    at[1] = (uint8_t)(bytes >> 8);
}

uint8_t *rki_exchange_output(struct rki_exchange *x, uint16_t bytes)
{
    if (RK_MAILBOX_DATA_bytes - x->end < 2 || RK_MAILBOX_DATA_bytes - x->end - 2 < bytes) {
        return NULL;
    }
    uint8_t *at = x->mailbox->data + x->end;
    put_length(at, bytes);
    memset(at + 2, 0, bytes);
    x->end = (uint16_t)(x->end + 2 + bytes);
    x->outputs++;
    return at + 2;
}

void rki_exchange_shorten(struct rki_exchange *x, uint8_t *output, uint16_t bytes)
{
    put_length(output - 2, bytes);
    x->end = (uint16_t)(output + bytes - x->mailbox->data);
}

void rki_exchange_reply(struct rki_exchange *x, enum rk_crypto result)
{
    struct rk_mailbox *mailbox = x->mailbox;
    uint16_t request_bytes = mailbox->data_bytes;
    bool answered = result == RK_CRYPTO_OK || result == RK_CRYPTO_REJECTED;
    mailbox->result = (int8_t)result;
    mailbox->fields = answered ? x->outputs : 0;
    mailbox->data_bytes = answered ? (uint16_t)(x->end - request_bytes) : 0;
    memmove(mailbox->data, mailbox->data + request_bytes, mailbox->data_bytes);
}
