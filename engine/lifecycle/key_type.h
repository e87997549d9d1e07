/* engine/lifecycle/key_type.h - the key types of SP 800-57 Part 1, table 1
 *
 * Units:  days.
 * Source: SP 800-57 Part 1 Rev. 5: table 1 and 5.3.6 (cryptoperiods, which the standard calls suggestions), 7.2 to 7.4
 *         (what may go from active straight to destroyed), tables 7 and 8 of section 8.2.2 (backup).
 */
#ifndef ENGINE_LIFECYCLE_KEY_TYPE_H
#define ENGINE_LIFECYCLE_KEY_TYPE_H

#include <stdbool.h>
#include <stdint.h>

/* The numbers are the table's rows. */
enum rk_key_type {
    RK_KEY_PRIVATE_SIGNATURE = 1,
    RK_KEY_PUBLIC_VERIFICATION,
    RK_KEY_SYMMETRIC_AUTHENTICATION,
    RK_KEY_PRIVATE_AUTHENTICATION,
    RK_KEY_PUBLIC_AUTHENTICATION,
    RK_KEY_DATA_ENCRYPTION,
    RK_KEY_WRAPPING,
    RK_KEY_RANDOM_GENERATION,
    RK_KEY_MASTER, /* also called key-derivation key */
    RK_KEY_PRIVATE_TRANSPORT,
    RK_KEY_PUBLIC_TRANSPORT,
    RK_KEY_SYMMETRIC_AGREEMENT,
    RK_KEY_PRIVATE_STATIC_AGREEMENT,
    RK_KEY_PUBLIC_STATIC_AGREEMENT,
    RK_KEY_PRIVATE_EPHEMERAL_AGREEMENT,
    RK_KEY_PUBLIC_EPHEMERAL_AGREEMENT,
    RK_KEY_SYMMETRIC_AUTHORIZATION,
    RK_KEY_PRIVATE_AUTHORIZATION,
    RK_KEY_PUBLIC_AUTHORIZATION,
    RK_KEY_TYPE_END
};

#define RK_PERIOD_NONE   0          /* the type has no such period */
#define RK_PERIOD_OPEN_d UINT16_MAX /* the standard gives no figure */

/*@ // Section 7.2 and 7.3: what is not retained for processing.
  predicate destroyed_at_once(integer type) =
    type == RK_KEY_PRIVATE_SIGNATURE || type == RK_KEY_PRIVATE_AUTHENTICATION || type == RK_KEY_RANDOM_GENERATION ||
    type == RK_KEY_MASTER || type == RK_KEY_SYMMETRIC_AUTHORIZATION || type == RK_KEY_PRIVATE_EPHEMERAL_AGREEMENT ||
    type == RK_KEY_PUBLIC_EPHEMERAL_AGREEMENT;

  predicate never_leaves(integer type) =
    type == RK_KEY_PRIVATE_SIGNATURE || type == RK_KEY_RANDOM_GENERATION ||
    type == RK_KEY_PRIVATE_EPHEMERAL_AGREEMENT || type == RK_KEY_PUBLIC_EPHEMERAL_AGREEMENT;
*/

/* out: whether such a key may go from active or suspended to destroyed without being deactivated first. */
/*@ terminates \true;
    assigns \nothing;
    ensures \result != 0 <==> destroyed_at_once(type);
*/
bool rk_key_type_destroyed_at_once(uint8_t type);

/* out: whether a copy outside the device is permitted. Never: private signature keys, ephemeral keys, the state of a
 * random number generator. */
/*@ terminates \true;
    assigns \nothing;
    ensures \result != 0 <==> RK_KEY_PRIVATE_SIGNATURE <= type < RK_KEY_TYPE_END && !never_leaves(type);
*/
bool rk_key_type_backup_permitted(uint8_t type);

/* out: longest suggested originator-usage period, and how much longer the recipient-usage period may be at most;
 * RK_PERIOD_NONE, RK_PERIOD_OPEN_d. */
uint16_t rk_key_type_originator_d(uint8_t type);
uint16_t rk_key_type_recipient_extra_d(uint8_t type);

const char *rk_key_type_name(unsigned type); /* "symmetric data-encryption"; NULL outside */

#endif
