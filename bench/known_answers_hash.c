/* Known answers of hashes and MACs.
 *
 * Sources: FIPS 180-4 examples, NIST CAVP, RFC 2202, 4231, 4493 and the examples of SP 800-38B; SP 800-232: the known
 * answers of ascon-c, commit fdfca408. All of them were recomputed, with OpenSSL through Python's `cryptography`, Ascon
 * with a Python implementation written from the standard.
 */
#include "bench/known_answers_internal.h"

/* clang-format off */
static const struct rk_known_answer answers[] = {
    {RK_OP_sha1, NULL, "FIPS 180-4 example, one block",
     {"616263"},
     {"a9993e364706816aba3e25717850c26c9cd0d89d"},
     RK_CRYPTO_OK},
    {RK_OP_sha1, NULL, "FIPS 180-4 example, two blocks",
     {"6162636462636465636465666465666765666768666768696768696a68696a6b696a6b6c6a6b6c6d6b6c6d6e6c6d6e6f6d6e6f706e6f70"
      "71"},
     {"84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
     RK_CRYPTO_OK},
    {RK_OP_sha256, NULL, "FIPS 180-4 example, one block",
     {"616263"},
     {"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
     RK_CRYPTO_OK},
    {RK_OP_sha256, NULL, "FIPS 180-4 example, two blocks",
     {"6162636462636465636465666465666765666768666768696768696a68696a6b696a6b6c6a6b6c6d6b6c6d6e6c6d6e6f6d6e6f706e6f70"
      "71"},
     {"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
     RK_CRYPTO_OK},
    {RK_OP_sha256, NULL, "CAVP SHA256ShortMsg, Len 0",
     {""},
     {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
     RK_CRYPTO_OK},
    {RK_OP_sha384, NULL, "FIPS 180-4 example, one block",
     {"616263"},
     {"cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"},
     RK_CRYPTO_OK},
    {RK_OP_sha384, NULL, "FIPS 180-4 example, two blocks",
     {"61626364656667686263646566676869636465666768696a6465666768696a6b65666768696a6b6c666768696a6b6c6d6768696a6b6c6d"
      "6e68696a6b6c6d6e6f696a6b6c6d6e6f706a6b6c6d6e6f70716b6c6d6e6f7071726c6d6e6f707172736d6e6f70717273746e6f70717273"
      "7475"},
     {"09330c33f71147e83d192fc782cd1b4753111b173b3b05d22fa08086e3b0f712fcc7c71a557e2db966c3e9fa91746039"},
     RK_CRYPTO_OK},
    {RK_OP_sha512, NULL, "FIPS 180-4 example, one block",
     {"616263"},
     {"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce8"
      "0e2a9ac94fa54ca49f"},
     RK_CRYPTO_OK},
    {RK_OP_sha512, NULL, "FIPS 180-4 example, two blocks",
     {"61626364656667686263646566676869636465666768696a6465666768696a6b65666768696a6b6c666768696a6b6c6d6768696a6b6c6d"
      "6e68696a6b6c6d6e6f696a6b6c6d6e6f706a6b6c6d6e6f70716b6c6d6e6f7071726c6d6e6f707172736d6e6f70717273746e6f70717273"
      "7475"},
     {"8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26"
      "545e96e55b874be909"},
     RK_CRYPTO_OK},
    {RK_OP_ascon_hash256, NULL, "ascon-c LWC_HASH_KAT_128_256, Count = 1",
     {""},
     {"0b3be5850f2f6b98caf29f8fdea89b64a1fa70aa249b8f839bd53baa304d92b2"},
     RK_CRYPTO_OK},
    {RK_OP_ascon_hash256, NULL, "ascon-c LWC_HASH_KAT_128_256, Count = 9",
     {"0001020304050607"},
     {"b88e497ae8e6fb641b87ef622eb8f2fca0ed95383f7ffebe167acf1099ba764f"},
     RK_CRYPTO_OK},
    {RK_OP_ascon_hash256, NULL, "ascon-c LWC_HASH_KAT_128_256, Count = 65",
     {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f30313233343536"
      "3738393a3b3c3d3e3f"},
     {"a6f241bea5d16405812c06019d9f72d60132bd7c089c60549b2e56bb01c64f48"},
     RK_CRYPTO_OK},
    {RK_OP_hmac_sha1, NULL, "RFC 2202, case 1",
     {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265"},
     {"b617318655057264e28bc0b6fb378c8ef146be00"},
     RK_CRYPTO_OK},
    {RK_OP_hmac_sha1, NULL, "RFC 2202, case 6: key longer than a block",
     {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374"},
     {"aa4ae5e15272d00e95705637ce8a3b55ed402112"},
     RK_CRYPTO_OK},
    {RK_OP_hmac_sha256, NULL, "RFC 4231, case 1",
     {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265"},
     {"b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
     RK_CRYPTO_OK},
    {RK_OP_hmac_sha256, NULL, "RFC 4231, case 2",
     {"4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f"},
     {"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
     RK_CRYPTO_OK},
    {RK_OP_hmac_sha256, NULL, "RFC 4231, case 6: key longer than a block",
     {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374"},
     {"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
     RK_CRYPTO_OK},
    {RK_OP_hmac_sha384, NULL, "RFC 4231, case 1",
     {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265"},
     {"afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6"},
     RK_CRYPTO_OK},
    {RK_OP_hmac_sha384, NULL, "RFC 4231, case 6: key longer than a block",
     {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374"},
     {"4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952"},
     RK_CRYPTO_OK},
    {RK_OP_hmac_sha512, NULL, "RFC 4231, case 1",
     {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265"},
     {"87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1"
      "702e696c203a126854"},
     RK_CRYPTO_OK},
    {RK_OP_hmac_sha512, NULL, "RFC 4231, case 6: key longer than a block",
     {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374"},
     {"80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0a"
      "ec8b915a985d786598"},
     RK_CRYPTO_OK},
    {RK_OP_aes128_cmac, NULL, "RFC 4493, 4 and SP 800-38B, 0 bits",
     {"2b7e151628aed2a6abf7158809cf4f3c", ""},
     {"bb1d6929e95937287fa37d129b756746"},
     RK_CRYPTO_OK},
    {RK_OP_aes128_cmac, NULL, "RFC 4493, 4 and SP 800-38B, 128 bits",
     {"2b7e151628aed2a6abf7158809cf4f3c", "6bc1bee22e409f96e93d7e117393172a"},
     {"070a16b46b4d4144f79bdd9dd04a287c"},
     RK_CRYPTO_OK},
    {RK_OP_aes128_cmac, NULL, "RFC 4493, 4 and SP 800-38B, 320 bits",
     {"2b7e151628aed2a6abf7158809cf4f3c",
      "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411"},
     {"dfa66747de9ae63030ca32611497c827"},
     RK_CRYPTO_OK},
    {RK_OP_aes192_cmac, NULL, "SP 800-38B, examples, 0 bits",
     {"8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b", ""},
     {"d17ddf46adaacde531cac483de7a9367"},
     RK_CRYPTO_OK},
    {RK_OP_aes192_cmac, NULL, "SP 800-38B, examples, 320 bits",
     {"8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
      "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411"},
     {"8a1de5be2eb31aad089a82e6ee908b0e"},
     RK_CRYPTO_OK},
    {RK_OP_aes256_cmac, NULL, "SP 800-38B, examples, 0 bits",
     {"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4", ""},
     {"028962f61b7bf89efc6b551f4667d983"},
     RK_CRYPTO_OK},
    {RK_OP_aes256_cmac, NULL, "SP 800-38B, examples, 320 bits",
     {"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
      "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411"},
     {"aaf3d8f1de5640c232f5b169b9c911e6"},
     RK_CRYPTO_OK},
};
/* clang-format on */

const struct rki_known_answer_table rki_known_answers_hash = {answers, sizeof answers / sizeof answers[0]};
