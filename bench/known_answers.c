/* The vectors.
 *
 * Sources: NIST CAVP files (CCM, SHA, DRBG, ECC CDH), RFC 3394, 3610, 4231, 5869, 5903, 7748, 8439, FIPS 180-4. All of
 * them were recomputed with OpenSSL 3.0 through Python's `cryptography`. Generators: CAVP's vectors give the second
 * output of 128 bytes, and for AES-128 with less entropy than our 48 bytes. The values here are first outputs, from a
 * Python implementation written from the text of SP 800-90A that also gives CAVP's own: CTR_DRBG AES-128 use df, count
 * 0; HMAC_DRBG and Hash_DRBG SHA-256, count 0 (no reseed, no additional input). tests/backends runs those CAVP cases on
 * the libraries too. The entropy is that of CAVP's count 0 of each of the two. Our ChaCha20 generator
 * (backends/libsodium/README.md) was computed with OpenSSL's ChaCha20 and SHA-256. Key pairs: the private key from
 * those generators' bytes, the public key from OpenSSL.
 */
#include "bench/known_answers.h"

#include <string.h>

/* clang-format off */
static const struct rk_known_answer answers[] = {
    {RK_OP_aes128_ccm_seal, NULL, "CAVP CCM, VTT128, Tlen 16",
     {"4189351b5caea375a0299e81c621bf43", "48c0906930561e0ab0ef4cd972",
      "40a27c1d1e23ea3dbe8056b2774861a4a201cce49f19997d19206d8c8a343951",
      "4535d12b4377928a7c0a61c9f825a48671ea05910748c8ef"},
     {"26c56961c035a7e452cce61bc6ee220d77b3f94d18fd10b6", "d80e8bf80f4a46cab06d4313f0db9be9"},
     RK_CRYPTO_OK},
    {RK_OP_aes128_ccm_seal, NULL, "CAVP CCM, DVPT128, Alen 0, Plen 0, Tlen 16",
     {"54caf96ef6d448734700aadab50faf7a", "a3803e752ae849c910d8da36af", "", ""},
     {"", "eba8347baa6d61f87b67c2dd7c6d2053"},
     RK_CRYPTO_OK},
    {RK_OP_aes128_ccm_open, NULL, "CAVP CCM, VTT128, Tlen 16",
     {"4189351b5caea375a0299e81c621bf43", "48c0906930561e0ab0ef4cd972",
      "40a27c1d1e23ea3dbe8056b2774861a4a201cce49f19997d19206d8c8a343951",
      "26c56961c035a7e452cce61bc6ee220d77b3f94d18fd10b6", "d80e8bf80f4a46cab06d4313f0db9be9"},
     {"4535d12b4377928a7c0a61c9f825a48671ea05910748c8ef"},
     RK_CRYPTO_OK},
    {RK_OP_aes128_ccm_open, NULL, "CAVP CCM, DVPT128, Alen 0, Plen 0, Tlen 16",
     {"54caf96ef6d448734700aadab50faf7a", "a3803e752ae849c910d8da36af", "", "", "eba8347baa6d61f87b67c2dd7c6d2053"},
     {""},
     RK_CRYPTO_OK},
    {RK_OP_aes128_ccm_open, NULL, "as above, last bit of the tag changed",
     {"4189351b5caea375a0299e81c621bf43", "48c0906930561e0ab0ef4cd972",
      "40a27c1d1e23ea3dbe8056b2774861a4a201cce49f19997d19206d8c8a343951",
      "26c56961c035a7e452cce61bc6ee220d77b3f94d18fd10b6", "d80e8bf80f4a46cab06d4313f0db9be8"},
     {"000000000000000000000000000000000000000000000000"},
     RK_CRYPTO_REJECTED},
    {RK_OP_aes128_ccm_open, NULL, "as above, associated data changed",
     {"4189351b5caea375a0299e81c621bf43", "48c0906930561e0ab0ef4cd972",
      "41a27c1d1e23ea3dbe8056b2774861a4a201cce49f19997d19206d8c8a343951",
      "26c56961c035a7e452cce61bc6ee220d77b3f94d18fd10b6", "d80e8bf80f4a46cab06d4313f0db9be9"},
     {"000000000000000000000000000000000000000000000000"},
     RK_CRYPTO_REJECTED},
    {RK_OP_aes128_ccm_8_seal, NULL, "CAVP CCM, VTT128, Tlen 8",
     {"368f35a1f80eaaacd6bb136609389727", "842a8445847502ea77363a16b6",
      "34396dfcfa6f742aea7040976bd596497a7a6fa4fb85ee8e4ca394d02095b7bf",
      "1cccd55825316a94c5979e049310d1d717cdfb7624289dac"},
     {"1a58094f0e8c6035a5584bfa8d1009c5f78fd2ca487ff222", "f6d1d897d6051618"},
     RK_CRYPTO_OK},
    {RK_OP_aes128_ccm_8_seal, NULL, "RFC 3610, packet vector 1",
     {"c0c1c2c3c4c5c6c7c8c9cacbcccdcecf", "00000003020100a0a1a2a3a4a5", "0001020304050607",
      "08090a0b0c0d0e0f101112131415161718191a1b1c1d1e"},
     {"588c979a61c663d2f066d0c2c0f989806d5f6b61dac384", "17e8d12cfdf926e0"},
     RK_CRYPTO_OK},
    {RK_OP_aes128_ccm_8_open, NULL, "CAVP CCM, VTT128, Tlen 8",
     {"368f35a1f80eaaacd6bb136609389727", "842a8445847502ea77363a16b6",
      "34396dfcfa6f742aea7040976bd596497a7a6fa4fb85ee8e4ca394d02095b7bf",
      "1a58094f0e8c6035a5584bfa8d1009c5f78fd2ca487ff222", "f6d1d897d6051618"},
     {"1cccd55825316a94c5979e049310d1d717cdfb7624289dac"},
     RK_CRYPTO_OK},
    {RK_OP_aes128_ccm_8_open, NULL, "RFC 3610, packet vector 1",
     {"c0c1c2c3c4c5c6c7c8c9cacbcccdcecf", "00000003020100a0a1a2a3a4a5", "0001020304050607",
      "588c979a61c663d2f066d0c2c0f989806d5f6b61dac384", "17e8d12cfdf926e0"},
     {"08090a0b0c0d0e0f101112131415161718191a1b1c1d1e"},
     RK_CRYPTO_OK},
    {RK_OP_aes128_ccm_8_open, NULL, "as above, last bit of the tag changed",
     {"368f35a1f80eaaacd6bb136609389727", "842a8445847502ea77363a16b6",
      "34396dfcfa6f742aea7040976bd596497a7a6fa4fb85ee8e4ca394d02095b7bf",
      "1a58094f0e8c6035a5584bfa8d1009c5f78fd2ca487ff222", "f6d1d897d6051619"},
     {"000000000000000000000000000000000000000000000000"},
     RK_CRYPTO_REJECTED},
    {RK_OP_aes128_ccm_8_open, NULL, "as above, associated data changed",
     {"368f35a1f80eaaacd6bb136609389727", "842a8445847502ea77363a16b6",
      "35396dfcfa6f742aea7040976bd596497a7a6fa4fb85ee8e4ca394d02095b7bf",
      "1a58094f0e8c6035a5584bfa8d1009c5f78fd2ca487ff222", "f6d1d897d6051618"},
     {"000000000000000000000000000000000000000000000000"},
     RK_CRYPTO_REJECTED},
    {RK_OP_chacha20_poly1305_seal, NULL, "RFC 8439, 2.8.2",
     {"808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f", "070000004041424344454647",
      "50515253c0c1c2c3c4c5c6c7",
      "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a204966204920636f756c64206f"
      "6666657220796f75206f6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73637265656e20776f756c6420"
      "62652069742e"},
     {"d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e06"
      "0b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d265"
      "86cec64b6116", "1ae10b594f09e26a7e902ecbd0600691"},
     RK_CRYPTO_OK},
    {RK_OP_chacha20_poly1305_seal, NULL, "OpenSSL 3.0 and libsodium 1.0.18 agree",
     {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "000000000102030405060708", "",
      "000102030405060708090a0b0c0d0e0f"},
     {"efe7a7fba189ae9b18b6e2dd86e12951", "dd482067a2e7a7ce01689d0fb39f5635"},
     RK_CRYPTO_OK},
    {RK_OP_chacha20_poly1305_open, NULL, "RFC 8439, 2.8.2",
     {"808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f", "070000004041424344454647",
      "50515253c0c1c2c3c4c5c6c7",
      "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e06"
      "0b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d265"
      "86cec64b6116", "1ae10b594f09e26a7e902ecbd0600691"},
     {"4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a204966204920636f756c64206f"
      "6666657220796f75206f6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73637265656e20776f756c6420"
      "62652069742e"},
     RK_CRYPTO_OK},
    {RK_OP_chacha20_poly1305_open, NULL, "OpenSSL 3.0 and libsodium 1.0.18 agree",
     {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "000000000102030405060708", "",
      "efe7a7fba189ae9b18b6e2dd86e12951", "dd482067a2e7a7ce01689d0fb39f5635"},
     {"000102030405060708090a0b0c0d0e0f"},
     RK_CRYPTO_OK},
    {RK_OP_chacha20_poly1305_open, NULL, "as above, last bit of the tag changed",
     {"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "000000000102030405060708", "",
      "efe7a7fba189ae9b18b6e2dd86e12951", "dd482067a2e7a7ce01689d0fb39f5634"},
     {"00000000000000000000000000000000"},
     RK_CRYPTO_REJECTED},
    {RK_OP_chacha20_poly1305_open, NULL, "RFC 8439, 2.8.2, first bit of the text changed",
     {"808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f", "070000004041424344454647",
      "50515253c0c1c2c3c4c5c6c7",
      "d21a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e06"
      "0b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d265"
      "86cec64b6116", "1ae10b594f09e26a7e902ecbd0600691"},
     {"000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
      "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
      "000000000000"},
     RK_CRYPTO_REJECTED},
    {RK_OP_sha256, NULL, "FIPS 180-4 example, one block",
     {"616263"},
     {"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
     RK_CRYPTO_OK},
    {RK_OP_sha256, NULL, "FIPS 180-4 example, two blocks",
     {"6162636462636465636465666465666765666768666768696768696a68696a6b696a6b6c6a6b6c6d6b6c6d6e6c6d6e6f6d6e6f706e6f"
      "7071"},
     {"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
     RK_CRYPTO_OK},
    {RK_OP_sha256, NULL, "CAVP SHA256ShortMsg, Len 0",
     {""},
     {"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
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
     {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374"},
     {"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
     RK_CRYPTO_OK},
    {RK_OP_hkdf_sha256, NULL, "RFC 5869, A.1",
     {"000102030405060708090a0b0c", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "f0f1f2f3f4f5f6f7f8f9", "2a00"},
     {"3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"},
     RK_CRYPTO_OK},
    {RK_OP_hkdf_sha256, NULL, "RFC 5869, A.2",
     {"606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f909192939495"
      "969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435"
      "363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
      "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5"
      "e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", "5200"},
     {"b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f"
      "09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"},
     RK_CRYPTO_OK},
    {RK_OP_hkdf_sha256, NULL, "RFC 5869, A.3: no salt, no info",
     {"", "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "", "2a00"},
     {"8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"},
     RK_CRYPTO_OK},
    {RK_OP_ctr_drbg_generate, NULL, "computed, see above",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8", "1000"},
     {"2733e856971f60008081aaefa6562b69"},
     RK_CRYPTO_OK},
    {RK_OP_ctr_drbg_generate, NULL, "computed, see above",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8", "5000"},
     {"2733e856971f60008081aaefa6562b6927a5bc20476af1a3a86ea3531241a4e3e4f0e297fb30ac35d0bfa53cd2954eb7490de64c5030"
      "fda7d8b6130b260c61fb17f7f44d7c0b4141dc52a1abbe123c93"},
     RK_CRYPTO_OK},
    {RK_OP_ctr_drbg_generate, NULL, "computed, see above",
     {"a65ad0f345db4e0effe875c3a2e71f42c7129d620ff5c119a9ef55f05185e0fb8581f9317517276e06e9607ddbcbcc2e", "1000"},
     {"b14e635c094bce3d1e0eeffcee0e2e3a"},
     RK_CRYPTO_OK},
    {RK_OP_ctr_drbg_generate, NULL, "computed, see above",
     {"a65ad0f345db4e0effe875c3a2e71f42c7129d620ff5c119a9ef55f05185e0fb8581f9317517276e06e9607ddbcbcc2e", "5000"},
     {"b14e635c094bce3d1e0eeffcee0e2e3a09e9c35d4ed1df8414418f2278506ba8bacb9a10434a549c7ea03ddfc697b3a29188e42b8bf8"
      "b2679ad6b560105fbc2238aded99bfa4379869923d38fa3971ca"},
     RK_CRYPTO_OK},
    {RK_OP_hmac_drbg_generate, NULL, "computed, see above",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8", "1000"},
     {"591adfe6e6ee9ba3e7d11ed51db04b3b"},
     RK_CRYPTO_OK},
    {RK_OP_hmac_drbg_generate, NULL, "computed, see above",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8", "5000"},
     {"591adfe6e6ee9ba3e7d11ed51db04b3bf9600c1733c0b0c4486eb8230bc56344b563ba9bd6858c0e4a04888c0b13cd4e024d2866f8f5"
      "b2bf4db1d83e27bd1eae13864768ccae5d6b903d3fcc6a517bc6"},
     RK_CRYPTO_OK},
    {RK_OP_hmac_drbg_generate, NULL, "computed, see above",
     {"a65ad0f345db4e0effe875c3a2e71f42c7129d620ff5c119a9ef55f05185e0fb8581f9317517276e06e9607ddbcbcc2e", "1000"},
     {"f55f86213e0e125e777bb5ab5b08423c"},
     RK_CRYPTO_OK},
    {RK_OP_hmac_drbg_generate, NULL, "computed, see above",
     {"a65ad0f345db4e0effe875c3a2e71f42c7129d620ff5c119a9ef55f05185e0fb8581f9317517276e06e9607ddbcbcc2e", "5000"},
     {"f55f86213e0e125e777bb5ab5b08423ce73a2967ed24e7027ce105289cab4a32342eeb825be37a925049f3f8c42d44100506dbe22a59"
      "65894dedf293a06db48a3d72e78f56cf8ecfeada1182d219bb56"},
     RK_CRYPTO_OK},
    {RK_OP_hash_drbg_generate, NULL, "computed, see above",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8", "1000"},
     {"ef508bbf7c13c3895cb646b4872cd3bc"},
     RK_CRYPTO_OK},
    {RK_OP_hash_drbg_generate, NULL, "computed, see above",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8", "5000"},
     {"ef508bbf7c13c3895cb646b4872cd3bc0e1d0f13da941b5144a86f3694396cf6fb74377db6c438521174d940de38971b077949b23012"
      "183153f6596ab02b163b165d27d01ccbfdae45b93a856efae17f"},
     RK_CRYPTO_OK},
    {RK_OP_hash_drbg_generate, NULL, "computed, see above",
     {"a65ad0f345db4e0effe875c3a2e71f42c7129d620ff5c119a9ef55f05185e0fb8581f9317517276e06e9607ddbcbcc2e", "1000"},
     {"55162ac26c63e16bbe9a04e773f36e03"},
     RK_CRYPTO_OK},
    {RK_OP_hash_drbg_generate, NULL, "computed, see above",
     {"a65ad0f345db4e0effe875c3a2e71f42c7129d620ff5c119a9ef55f05185e0fb8581f9317517276e06e9607ddbcbcc2e", "5000"},
     {"55162ac26c63e16bbe9a04e773f36e03c12cdc2f0ebddd1773964d3e2f324cc3767f107381b21588362707f13a8ca4d73c34619c4a31"
      "74cc68ff93dc3fe0b0fa25d5e106ddd6fa9276f31be32e215b4f"},
     RK_CRYPTO_OK},
    {RK_OP_chacha20_drbg_generate, NULL, "computed, see above",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8", "1000"},
     {"58a3882389a6b3ffca4008cfafeea4c9"},
     RK_CRYPTO_OK},
    {RK_OP_chacha20_drbg_generate, NULL, "computed, see above",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8", "5000"},
     {"58a3882389a6b3ffca4008cfafeea4c990a7fe5bc15a93397d416e426ff3f0267b18ced72faf916279e223720dd066cef33aef91c891"
      "b510016726f53fa5e8b69540fdf06f3f22edf5d9e57d25e80c22"},
     RK_CRYPTO_OK},
    {RK_OP_chacha20_drbg_generate, NULL, "computed, see above",
     {"a65ad0f345db4e0effe875c3a2e71f42c7129d620ff5c119a9ef55f05185e0fb8581f9317517276e06e9607ddbcbcc2e", "1000"},
     {"786aa583e3eef0352c4e45bd1b968dfa"},
     RK_CRYPTO_OK},
    {RK_OP_chacha20_drbg_generate, NULL, "computed, see above",
     {"a65ad0f345db4e0effe875c3a2e71f42c7129d620ff5c119a9ef55f05185e0fb8581f9317517276e06e9607ddbcbcc2e", "5000"},
     {"786aa583e3eef0352c4e45bd1b968dfafef2a925769918cbbe5c0f7546f032b745dc2512010de135be5c0b22a739a6df3cad2f4e4db4"
      "3811dc313939025cca76d8f9ed4c87ed0676f6e886d0c21771c5"},
     RK_CRYPTO_OK},
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
    {RK_OP_x25519_key_pair, "mbedtls", "computed: the upper 255 bits of CTR_DRBG read as a big-endian number",
     {"a65ad0f345db4e0effe875c3a2e71f42c7129d620ff5c119a9ef55f05185e0fb8581f9317517276e06e9607ddbcbcc2e"},
     {"d035283c91c7200ac2ef68a7aee1f4041d170777fe77078f1ee7a504ae31a758",
      "4c73f03b64b257b63b56d808d1625e0779bd450ff8e2ae41bd47646daccd4a1e"},
     RK_CRYPTO_OK},
    {RK_OP_x25519_key_pair, "wolfssl", "computed: Hash_DRBG as it comes",
     {"a65ad0f345db4e0effe875c3a2e71f42c7129d620ff5c119a9ef55f05185e0fb8581f9317517276e06e9607ddbcbcc2e"},
     {"50162ac26c63e16bbe9a04e773f36e03c12cdc2f0ebddd1773964d3e2f324c43",
      "af26c9818315fd545b217797c193331602dfd88c41b9154e6634888c004bc623"},
     RK_CRYPTO_OK},
    {RK_OP_x25519_key_pair, "libsodium", "computed: our generator as it comes",
     {"a65ad0f345db4e0effe875c3a2e71f42c7129d620ff5c119a9ef55f05185e0fb8581f9317517276e06e9607ddbcbcc2e"},
     {"786aa583e3eef0352c4e45bd1b968dfafef2a925769918cbbe5c0f7546f03277",
      "67ff2991d33b8ce686794a510f5c3529908cfb8f8aba4e2d30e738033075e602"},
     RK_CRYPTO_OK},
    {RK_OP_x25519_agree, NULL, "RFC 7748, 5.2, first",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8",
      "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
      "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"},
     {"c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"},
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
      "0447c0f82774569f31ea36c1c306c884a49a6e155298561fa73b0f88dc5c860d7998f75fcbee6748b9e32e09451253b9401bcd00805e"
      "b2ff50ff764784d6ab492f"},
     RK_CRYPTO_OK},
    {RK_OP_p256_key_pair, "wolfssl", "computed: Hash_DRBG plus 1, SP 800-56A 5.6.1.2.2",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8"},
     {"ef508bbf7c13c3895cb646b4872cd3bc0e1d0f13da941b5144a86f3694396cf7",
      "0451ee9ae33abf85df51c065c8b1b394a7dd90c1a3d80ec68ab41c80db8c3819ef8955e7f4207bfd320f6797dbab0101c3ff6b3bc062"
      "2052232c4e0f3c8569059f"},
     RK_CRYPTO_OK},
    {RK_OP_p256_key_pair, "mbedtls", "computed: CTR_DRBG, accepted as below the order",
     {"a65ad0f345db4e0effe875c3a2e71f42c7129d620ff5c119a9ef55f05185e0fb8581f9317517276e06e9607ddbcbcc2e"},
     {"b14e635c094bce3d1e0eeffcee0e2e3a09e9c35d4ed1df8414418f2278506ba8",
      "042ec8e68dac43193b52dfbe74300990b312507cecced90a3b8049629df383a411bc60c0b373cc36c8c870fd616a5ad7aeff8dfa50af"
      "dba592fb3a95bb4de1658b"},
     RK_CRYPTO_OK},
    {RK_OP_p256_key_pair, "wolfssl", "computed: Hash_DRBG plus 1, SP 800-56A 5.6.1.2.2",
     {"a65ad0f345db4e0effe875c3a2e71f42c7129d620ff5c119a9ef55f05185e0fb8581f9317517276e06e9607ddbcbcc2e"},
     {"55162ac26c63e16bbe9a04e773f36e03c12cdc2f0ebddd1773964d3e2f324cc4",
      "047ba18c70f21874cc294ae9e1d4878eb52734f51065ac8ce715c02f8c1a9c2275af9c9653474ed7e5fe5ff53e73b735df3e26519286"
      "3b35dde340e384793621c8"},
     RK_CRYPTO_OK},
    {RK_OP_p256_agree, NULL, "CAVP ECC CDH, P-256, count 0",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8",
      "7d7dc5f71eb29ddaf80d6214632eeae03d9058af1fb6d22ed80badb62bc1a534",
      "04700c48f77f56584c5cc632ca65640db91b6bacce3a4df6b42ce7cc838833d287db71e509e3fd9b060ddb20ba5c51dcc5948d46fbf6"
      "40dfe0441782cab85fa4ac"},
     {"46fc62106420ff012e54a434fbdd2d25ccc5852060561e68040dd7778997bd7b"},
     RK_CRYPTO_OK},
    {RK_OP_p256_agree, NULL, "RFC 5903, 8.1",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8",
      "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
      "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc23e8157854c13c58d6aac23f046ad"
      "a30f8353e74f33039872ab"},
     {"d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de"},
     RK_CRYPTO_OK},
    {RK_OP_p256_agree, NULL, "RFC 5903, 8.1, a point off the curve: last bit of Y changed",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8",
      "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
      "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc23e8157854c13c58d6aac23f046ad"
      "a30f8353e74f33039872aa"},
     {"0000000000000000000000000000000000000000000000000000000000000000"},
     RK_CRYPTO_REJECTED},
    {RK_OP_p256_agree, NULL, "as above with coordinates of zero",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8",
      "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
      "040000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
      "0000000000000000000000"},
     {"0000000000000000000000000000000000000000000000000000000000000000"},
     RK_CRYPTO_REJECTED},
    {RK_OP_p256_agree, NULL, "as above with X = p, out of range",
     {"ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488659ba96c601dc69fc902940805ec0ca8",
      "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
      "04ffffffff00000001000000000000000000000000ffffffffffffffffffffffff56fbf3ca366cc23e8157854c13c58d6aac23f046ad"
      "a30f8353e74f33039872ab"},
     {"0000000000000000000000000000000000000000000000000000000000000000"},
     RK_CRYPTO_REJECTED},
    {RK_OP_aes_key_wrap, NULL, "RFC 3394, 4.1",
     {"000102030405060708090a0b0c0d0e0f", "00112233445566778899aabbccddeeff"},
     {"1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"},
     RK_CRYPTO_OK},
    {RK_OP_aes_key_wrap, NULL, "OpenSSL 3.0 and mbedTLS 3.6 agree",
     {"000102030405060708090a0b0c0d0e0f", "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f"},
     {"11826840774d993ff9c2fa02cca3cea0e93b1e1cf96361f93ea6dc2f345194e7b30f964c79f9e61d"},
     RK_CRYPTO_OK},
    {RK_OP_aes_key_unwrap, NULL, "RFC 3394, 4.1",
     {"000102030405060708090a0b0c0d0e0f", "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"},
     {"00112233445566778899aabbccddeeff"},
     RK_CRYPTO_OK},
    {RK_OP_aes_key_unwrap, NULL, "OpenSSL 3.0 and mbedTLS 3.6 agree",
     {"000102030405060708090a0b0c0d0e0f",
      "11826840774d993ff9c2fa02cca3cea0e93b1e1cf96361f93ea6dc2f345194e7b30f964c79f9e61d"},
     {"00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f"},
     RK_CRYPTO_OK},
    {RK_OP_aes_key_unwrap, NULL, "as above, last bit changed",
     {"000102030405060708090a0b0c0d0e0f",
      "11826840774d993ff9c2fa02cca3cea0e93b1e1cf96361f93ea6dc2f345194e7b30f964c79f9e61c"},
     {"0000000000000000000000000000000000000000000000000000000000000000"},
     RK_CRYPTO_REJECTED},
    {RK_OP_aes_key_unwrap, NULL, "as above under another key",
     {"000102030405060708090a0b0c0d0e0e",
      "11826840774d993ff9c2fa02cca3cea0e93b1e1cf96361f93ea6dc2f345194e7b30f964c79f9e61d"},
     {"0000000000000000000000000000000000000000000000000000000000000000"},
     RK_CRYPTO_REJECTED},
};
/* clang-format on */

enum { ANSWERS = sizeof answers / sizeof answers[0] };

const struct rk_known_answer *rk_known_answers(enum rk_operation op, size_t *count)
{
    size_t first = 0;
    while (first < ANSWERS && answers[first].op != op) {
        first++;
    }
    size_t end = first;
    while (end < ANSWERS && answers[end].op == op) {
        end++;
    }
    *count = end - first;
    return &answers[first == ANSWERS ? 0 : first];
}

bool rk_known_answer_applies(const struct rk_known_answer *answer, const char *backend)
{
    if (answer->backend == NULL) {
        return true;
    }
    size_t length = strcspn(backend, "@");
    return strlen(answer->backend) == length && strncmp(answer->backend, backend, length) == 0;
}

static uint8_t nibble(char digit)
{
    return (uint8_t)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

size_t rk_known_answer_pack(const char *const *fields, size_t max, uint8_t *data, size_t size, uint16_t *count)
{
    size_t at = 0;
    *count = 0;
    for (size_t field = 0; field < max && fields[field] != NULL; field++) {
        size_t bytes = strlen(fields[field]) / 2;
        if (size - at < 2 || size - at - 2 < bytes) {
            *count = 0;
            return 0;
        }
        data[at] = (uint8_t)bytes;
        data[at + 1] = (uint8_t)(bytes >> 8);
        at += 2;
        for (size_t i = 0; i < bytes; i++) {
            data[at + i] = (uint8_t)(nibble(fields[field][2 * i]) << 4 | nibble(fields[field][2 * i + 1]));
        }
        at += bytes;
        ++*count;
    }
    return at;
}
