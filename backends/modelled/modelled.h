/* backends/modelled/modelled.h - the backend for fleets of millions: keys have identities, not strength
 *
 * THIS IS NO CRYPTOGRAPHY. Whoever sees a public key here knows the secret; whoever sees a tag can forge it. What it
 * keeps is what a simulation of key management looks at: sizes, and the decisions. Equal inputs give equal outputs; a
 * wrong key, nonce, associated data, text or tag is rejected; both sides of an agreement get the same secret; what was
 * wrapped unwraps under the same KEK only; a generator repeats from the same entropy.
 *
 * Model:   outputs are 64-bit mixes of the inputs; text is carried through unchanged. An X25519 public value is taken
 *          unless it is 0 or 1, a P-256 point only if it was made here; private keys are not range-checked.
 * Error:   two different inputs collide with probability 2^-64, 8-byte tags included.
 * Speed:   about 40 ns to seal 32 bytes on a PC.
 * Source:  ours. Freestanding C11; no state outside the caller's memory.
 */
#ifndef BACKENDS_MODELLED_MODELLED_H
#define BACKENDS_MODELLED_MODELLED_H

#include "backends/backend.h"

/* A backend that models another one.
 * in:  capabilities of the modelled library, bits that backend.h does not know are dropped; its default generator.
 * out: *out, with what the lifecycle calls: AEAD, hash, MAC, derivation, generators, key pairs and agreement on X25519
 *      and P-256, key wrap. An entry serves every algorithm of its kind, whether the library has it or not: callers look
 *      at the capabilities first, as rk_agent_init() does. */
void rk_modelled_init(struct rk_backend *out, uint64_t capabilities, uint8_t drbg_alg);

#endif
