/* engine/protocol/p256_point.h - a point of P-256 from its x-coordinate
 *
 * Model:  EDHOC sends x alone, and backend.h takes whole points: not every library has the step between them, so it is
 *         ours. y = (x^3 - 3x + b)^((p + 1) / 4) mod p, and whether that is a root. Which of the two y it is does not
 *         matter to an agreement, whose result is an x-coordinate. Only public values pass here: the time may depend on
 *         them.
 * Units:  bytes, big endian.
 * Error:  none: exact integers.
 * Source: SEC 1, clause 2.3.4; FIPS 186-5 (the curve); RFC 9528, clause 3.7.
 */
#ifndef ENGINE_PROTOCOL_P256_POINT_H
#define ENGINE_PROTOCOL_P256_POINT_H

#include <stdbool.h>
#include <stdint.h>

/* in: x. out: 04, x, y; false when no point has this x, or x is not below p, and `point` is then not written. */
bool rk_p256_point(const uint8_t x[32], uint8_t point[65]);

#endif
