#include "engine/lifecycle/key_type.h"

#include <stddef.h>

bool rk_key_type_destroyed_at_once(uint8_t type)
{
    switch (type) {
    case RK_KEY_PRIVATE_SIGNATURE:
    case RK_KEY_PRIVATE_AUTHENTICATION:
    case RK_KEY_RANDOM_GENERATION:
    case RK_KEY_MASTER:
    case RK_KEY_PRIVATE_EPHEMERAL_AGREEMENT:
    case RK_KEY_PUBLIC_EPHEMERAL_AGREEMENT:
    case RK_KEY_SYMMETRIC_AUTHORIZATION:
        return true;
    default:
        return false;
    }
}

bool rk_key_type_backup_permitted(uint8_t type)
{
    switch (type) {
    case RK_KEY_PUBLIC_VERIFICATION:
    case RK_KEY_SYMMETRIC_AUTHENTICATION:
    case RK_KEY_PUBLIC_AUTHENTICATION:
    case RK_KEY_PRIVATE_AUTHENTICATION:
    case RK_KEY_DATA_ENCRYPTION:
    case RK_KEY_WRAPPING:
    case RK_KEY_MASTER:
    case RK_KEY_PRIVATE_TRANSPORT:
    case RK_KEY_PUBLIC_TRANSPORT:
    case RK_KEY_SYMMETRIC_AGREEMENT:
    case RK_KEY_PRIVATE_STATIC_AGREEMENT:
    case RK_KEY_PUBLIC_STATIC_AGREEMENT:
    case RK_KEY_SYMMETRIC_AUTHORIZATION:
    case RK_KEY_PRIVATE_AUTHORIZATION:
    case RK_KEY_PUBLIC_AUTHORIZATION:
        return true;
    default:
        return false;
    }
}

enum { YEAR_d = 365 };

uint16_t rk_key_type_originator_d(uint8_t type)
{
    switch (type) {
    case RK_KEY_PRIVATE_SIGNATURE:
        return 3 * YEAR_d;
    case RK_KEY_PUBLIC_VERIFICATION:
    case RK_KEY_RANDOM_GENERATION:
        return RK_PERIOD_OPEN_d;
    case RK_KEY_MASTER:
        return YEAR_d;
    case RK_KEY_PRIVATE_EPHEMERAL_AGREEMENT:
    case RK_KEY_PUBLIC_EPHEMERAL_AGREEMENT:
        return RK_PERIOD_NONE;
    default:
        return type != 0 && type < RK_KEY_TYPE_END ? 2 * YEAR_d : RK_PERIOD_NONE;
    }
}

uint16_t rk_key_type_recipient_extra_d(uint8_t type)
{
    switch (type) {
    case RK_KEY_SYMMETRIC_AUTHENTICATION:
    case RK_KEY_DATA_ENCRYPTION:
    case RK_KEY_WRAPPING:
        return 3 * YEAR_d;
    default:
        return RK_PERIOD_NONE;
    }
}

const char *rk_key_type_name(unsigned type)
{
    switch (type) {
    case RK_KEY_PRIVATE_SIGNATURE:
        return "private signature";
    case RK_KEY_PUBLIC_VERIFICATION:
        return "public signature-verification";
    case RK_KEY_SYMMETRIC_AUTHENTICATION:
        return "symmetric authentication";
    case RK_KEY_PRIVATE_AUTHENTICATION:
        return "private authentication";
    case RK_KEY_PUBLIC_AUTHENTICATION:
        return "public authentication";
    case RK_KEY_DATA_ENCRYPTION:
        return "symmetric data-encryption";
    case RK_KEY_WRAPPING:
        return "symmetric key-wrapping";
    case RK_KEY_RANDOM_GENERATION:
        return "symmetric random number generation";
    case RK_KEY_MASTER:
        return "symmetric master";
    case RK_KEY_PRIVATE_TRANSPORT:
        return "private key-transport";
    case RK_KEY_PUBLIC_TRANSPORT:
        return "public key-transport";
    case RK_KEY_SYMMETRIC_AGREEMENT:
        return "symmetric key-agreement";
    case RK_KEY_PRIVATE_STATIC_AGREEMENT:
        return "private static key-agreement";
    case RK_KEY_PUBLIC_STATIC_AGREEMENT:
        return "public static key-agreement";
    case RK_KEY_PRIVATE_EPHEMERAL_AGREEMENT:
        return "private ephemeral key-agreement";
    case RK_KEY_PUBLIC_EPHEMERAL_AGREEMENT:
        return "public ephemeral key-agreement";
    case RK_KEY_SYMMETRIC_AUTHORIZATION:
        return "symmetric authorization";
    case RK_KEY_PRIVATE_AUTHORIZATION:
        return "private authorization";
    case RK_KEY_PUBLIC_AUTHORIZATION:
        return "public authorization";
    default:
        return NULL;
    }
}
