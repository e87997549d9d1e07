/* tests/protocol/aes_block.h - AES-128, one block each way: what a LoRa node's hardware does for lorawan_join.h
 *
 * Source: FIPS 197. Straight from its text: the S-box is computed, the time depends on the data. For tests only.
 */
#ifndef TESTS_PROTOCOL_AES_BLOCK_H
#define TESTS_PROTOCOL_AES_BLOCK_H

#include <stdint.h>

void aes_block_encrypt(const uint8_t key[16], const uint8_t in[16], uint8_t out[16]);
void aes_block_decrypt(const uint8_t key[16], const uint8_t in[16], uint8_t out[16]);

#endif
