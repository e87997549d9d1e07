/* devices/firmware/exchange.h - the fields of a request, and room for those of its reply
 *
 * Model:  the reply is built behind the request, so that inputs stay as they are until the operation is over, and then
 *         put where the request was.
 * Units:  bytes.
 */
#ifndef DEVICES_FIRMWARE_EXCHANGE_H
#define DEVICES_FIRMWARE_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "backends/backend.h"
#include "devices/firmware/mailbox.h"

enum { RKI_FIELDS_MAX = 6 };

struct rki_field {
    const uint8_t *at;
    uint16_t bytes;
};

struct rki_exchange {
    struct rk_mailbox *mailbox;
    struct rki_field in[RKI_FIELDS_MAX];
    uint16_t inputs;
    uint16_t outputs;
    uint16_t end; /* of what is used of mailbox->data: the request, then the reply */
};

/* Finds the inputs. out: false for a request that is cut short or has too many. */
bool rki_exchange_begin(struct rki_exchange *x, struct rk_mailbox *mailbox);

/* Room for the next output, all zero. out: NULL when there is none. */
uint8_t *rki_exchange_output(struct rki_exchange *x, uint16_t bytes);

/* The last output turned out shorter. in: its room, and what it has. */
void rki_exchange_shorten(struct rki_exchange *x, uint8_t *output, uint16_t bytes);

/* Puts the result, and the outputs of one that has any, where the request was. */
void rki_exchange_reply(struct rki_exchange *x, enum rk_crypto result);

static inline uint16_t rki_little16(const uint8_t *at)
{
    return (uint16_t)(at[0] | (uint16_t)at[1] << 8);
}

#endif
