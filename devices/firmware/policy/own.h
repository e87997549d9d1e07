/* devices/firmware/policy/own.h - what a policy of one's own is: the compiler compares its definition with this */
#ifndef DEVICES_FIRMWARE_POLICY_OWN_H
#define DEVICES_FIRMWARE_POLICY_OWN_H

#include "engine/lifecycle/policy.h"

rk_policy_rule rk_policy_own;

#endif
