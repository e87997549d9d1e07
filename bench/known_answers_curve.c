/* Known answers of agreement, signatures and EC-JPAKE.
 *
 * Sources: RFC 5903, 6979, 7748, 8032 and NIST CAVP (ECC CDH), recomputed with OpenSSL through Python's `cryptography`.
 * Where a library draws a number, it draws it from its generator seeded with the entropy that is the first input (the
 * entropy of CAVP's DRBG files): these answers name the library. Key pairs and ECDSA's nonces were computed from that
 * generator's output (known_answers_derive.c), the rest with OpenSSL; OpenSSL verifies the signatures.
 * EC-JPAKE's messages are those of the library's build for the host. A Python implementation, written from the text of
 * draft-cragie-tls-ecjpake-01, checks their proofs, plays the peer, and arrives at the same secret.
 */
#include "bench/known_answers_internal.h"

/* clang-format off */
static const struct rk_known_answer answers[] = {
    {RK_OP_x25519_key_pair, "mbedtls", "computed: the upper 255 bits of CTR_DRBG read as a big-endian number",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8"},
     {"70d22089a95137d4d178b52310ded293b4152bd377d5404000b08f4b2bf49953",
      "3461bb02c0208b0d073044b0b5fbcd12d156d82ac0d6c7626ffcdc72cc20bf69"},
     RK_CRYPTO_OK},
    {RK_OP_x25519_key_pair, "wolfssl", "computed: Hash_DRBG as it comes",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8"},
     {"e8508bbf7c13c3895cb646b4872cd3bc0e1d0f13da941b5144a86f3694396c76",
      "0008ec87c9fdf7e9cca0dabd2b8f8cff600a98751c1be9df255fdb1a9a02fc45"},
     RK_CRYPTO_OK},
    {RK_OP_x25519_key_pair, "libsodium", "computed: our generator as it comes",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8"},
     {"58a3882389a6b3ffca4008cfafeea4c990a7fe5bc15a93397d416e426ff3f066",
      "f0346049031ae780429ce7d2599e78d7aa148c57f4136daf6c1ff3b17bf2f10d"},
     RK_CRYPTO_OK},
    {RK_OP_x25519_agree, NULL, "RFC 7748, 5.2, second: the top bit of u is ignored",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8",
      "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
      "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493"},
     {"95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"},
     RK_CRYPTO_OK},
    {RK_OP_x25519_agree, NULL, "RFC 7748, 6.1: the all-zero secret of a peer at 0",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8",
      "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
      "0000000000000000000000000000000000000000000000000000000000000000"},
     {"0000000000000000000000000000000000000000000000000000000000000000"},
     RK_CRYPTO_REJECTED},
    {RK_OP_x25519_agree, NULL, "a peer of order 8, from the list at cr.yp.to/ecdh.html",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8",
      "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
      "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"},
     {"0000000000000000000000000000000000000000000000000000000000000000"},
     RK_CRYPTO_REJECTED},
    {RK_OP_p256_key_pair, "mbedtls", "computed: CTR_DRBG, accepted as below the order",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8"},
     {"2733e856971f60008081aaefa6562b6927a5bc20476af1a3a86ea3531241a4e3",
      "0447c0f82774569f31ea36c1c306c884a49a6e155298561fa73b0f88dc5c860d7998f75fcbee6748b9e32e09451253b9401bcd00805eb2"
      "ff50ff764784d6ab492f"},
     RK_CRYPTO_OK},
    {RK_OP_p256_key_pair, "wolfssl", "computed: Hash_DRBG plus 1, SP 800-56A 5.6.1.2.2",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8"},
     {"ef508bbf7c13c3895cb646b4872cd3bc0e1d0f13da941b5144a86f3694396cf7",
      "0451ee9ae33abf85df51c065c8b1b394a7dd90c1a3d80ec68ab41c80db8c3819ef8955e7f4207bfd320f6797dbab0101c3ff6b3bc06220"
      "52232c4e0f3c8569059f"},
     RK_CRYPTO_OK},
    {RK_OP_p256_agree, NULL, "CAVP ECC CDH, P-256, count 0",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8",
      "7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534",
      "04700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf640"
      "dfe0441782cab85fa4ac"},
     {"46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b"},
     RK_CRYPTO_OK},
    {RK_OP_p256_agree, NULL, "RFC 5903, 8.1, a point off the curve: last bit of Y changed",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8",
      "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
      "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc23e8157854c13c58d6aac23f046ada3"
      "0f8353e74f33039872aa"},
     {"0000000000000000000000000000000000000000000000000000000000000000"},
     RK_CRYPTO_REJECTED},
    {RK_OP_p256_agree, NULL, "as above with coordinates of zero",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8",
      "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
      "04000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
      "00000000000000000000"},
     {"0000000000000000000000000000000000000000000000000000000000000000"},
     RK_CRYPTO_REJECTED},
    {RK_OP_p256_agree, NULL, "as above with X = p, out of range",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8",
      "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
      "04ffffffff00000001000000000000000000000000ffffffffffffffffffffffff56fbf3ca366cc23e8157854c13c58d6aac23f046ada3"
      "0f8353e74f33039872ab"},
     {"0000000000000000000000000000000000000000000000000000000000000000"},
     RK_CRYPTO_REJECTED},
    {RK_OP_ecdsa_p256_sign, "mbedtls", "computed: RFC 6979's key and message, nonce from CTR_DRBG",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8",
      "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
      "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e"
      "9f5177a3c294d4462299", "af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf"},
     {"47c0f82774569f31ea36c1c306c884a49a6e155298561fa73b0f88dc5c860d79d345527e97034c80e3a4e5e22d98afff1f3020db157f23"
      "2aca6fd320a83da83d"},
     RK_CRYPTO_OK},
    {RK_OP_ecdsa_p256_sign, "wolfssl", "computed: RFC 6979's key and message, nonce from Hash_DRBG plus 1",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8",
      "c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721",
      "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e"
      "9f5177a3c294d4462299", "af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf"},
     {"51ee9ae33abf85df51c065c8b1b394a7dd90c1a3d80ec68ab41c80db8c3819ef7428a0da516d8e2c877469ed58a35f1da033237b360775"
      "663878270f0465a891"},
     RK_CRYPTO_OK},
    {RK_OP_ecdsa_p256_verify, NULL, "RFC 6979, A.2.5, SHA-256, sample",
     {"0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e"
      "9f5177a3c294d4462299", "af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf",
      "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4"
      "064dc4ab2f843acda8"},
     {NULL},
     RK_CRYPTO_OK},
    {RK_OP_ecdsa_p256_verify, NULL, "as above, last bit of the signature changed",
     {"0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e"
      "9f5177a3c294d4462299", "af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf",
      "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4"
      "064dc4ab2f843acda9"},
     {NULL},
     RK_CRYPTO_REJECTED},
    {RK_OP_ecdsa_p256_verify, NULL, "as above, r = 0",
     {"0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e"
      "9f5177a3c294d4462299", "af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf",
      "0000000000000000000000000000000000000000000000000000000000000000f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4"
      "064dc4ab2f843acda8"},
     {NULL},
     RK_CRYPTO_REJECTED},
    {RK_OP_ecdsa_p256_verify, NULL, "as above, s = 0",
     {"0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e"
      "9f5177a3c294d4462299", "af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf",
      "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf37160000000000000000000000000000000000000000000000"
      "000000000000000000"},
     {NULL},
     RK_CRYPTO_REJECTED},
    {RK_OP_ed25519_key_pair, "wolfssl", "computed: the seed is Hash_DRBG as it comes",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8"},
     {"ef508bbf7c13c3895cb646b4872cd3bc0e1d0f13da941b5144a86f3694396cf6",
      "bd7a5343a0e33d4f522a917fa2c70c9b82a9a1ad8828e2c9c14d7598ba80d3d5"},
     RK_CRYPTO_OK},
    {RK_OP_ed25519_key_pair, "libsodium", "computed: the seed is our generator as it comes",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8"},
     {"58a3882389a6b3ffca4008cfafeea4c990a7fe5bc15a93397d416e426ff3f026",
      "36c164b9b15551d32a04da763b43005fc490d3b7c964b726dcb55ecab6fe8c27"},
     RK_CRYPTO_OK},
    {RK_OP_ed25519_sign, NULL, "RFC 8032, 7.1, test 3",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8",
      "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
      "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82"},
     {"6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed2"
      "8dc027beceea1ec40a"},
     RK_CRYPTO_OK},
    {RK_OP_ed25519_sign, NULL, "RFC 8032, 7.1, test 1: no message",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8",
      "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
      "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", ""},
     {"e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe"
      "24655141438e7a100b"},
     RK_CRYPTO_OK},
    {RK_OP_ed25519_verify, NULL, "RFC 8032, 7.1, test 3",
     {"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed2"
      "8dc027beceea1ec40a"},
     {NULL},
     RK_CRYPTO_OK},
    {RK_OP_ed25519_verify, NULL, "as above, last bit of the message changed",
     {"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af83",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed2"
      "8dc027beceea1ec40a"},
     {NULL},
     RK_CRYPTO_REJECTED},
    {RK_OP_ed25519_verify, NULL, "as above, S plus the group order: RFC 8032, 5.1.7",
     {"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
      "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac05d391b0a77904e98404ef037747a56e4a7c15e9716ed2"
      "8dc027beceea1ec41a"},
     {NULL},
     RK_CRYPTO_REJECTED},
};
/* clang-format on */

const struct rki_known_answer_table rki_known_answers_curve = {answers, sizeof answers / sizeof answers[0]};
