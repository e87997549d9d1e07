/* bench/rsa_keys.h - the RSA keys that known answers and inputs share, as hexadecimal text
 *
 * Model:  p and q are the first primes upwards in steps of 2 from SHA-512 of "rekeylab rsa <bits> <p or q> <0, 1, ..>",
 *         digests joined, its two top bits and its lowest bit set, the larger one as p; e = 65537; d modulo
 *         (p - 1)(q - 1). Everybody can compute them: keys for tests, of no use for anything else.
 * Units:  fields of backends/algorithm.h, each of full length: n and d as long as the modulus, the others half of it.
 *         A public key is N; a private key is N, then REST (d, p, q, dp, dq, qinv).
 */
#ifndef BENCH_RSA_KEYS_H
#define BENCH_RSA_KEYS_H

#define RK_RSA1024_N                                                                                                   \
    "bc0535fb63ae125a5700a32390eb81eb46c3f8ae9937539834f8ade87e15baa2cc67a7297c5fd200bf7d4e42afd9cfb985b26b8ec03b7307" \
    "9e817b252e4ae1f4258e6eb2a7d08ec25fb4484b0e94f649d841b02e3a863eb2195ec74fb298f4e8bda1a59021db2f20007060ae754e72a8" \
    "e4df2a0be7dc799b8036a3267f553445"

#define RK_RSA1024_REST                                                                                                \
    "ab6a40c5d921e93f8d945a2761c7246240d907cefe86cf62b3e08884aef6d679f7cb043eb152969df1f6a6b3eba8b3561b8b07be54899e9c" \
    "b2a8af81bd4bade51d85bd52df95a34a2b8a6f56c97816c1687e6844bb3f775b9fd0532593221fe1f1f185ab78eb3acc7e49e4474703accd" \
    "8b8ace5c72fe1e4923ffef44e4ab1961"                                                                                 \
    "ded664fd22d2ff21254d63ef92775c18d21692b11d195b32cd308fababc49d22f8c2c50a551c7dc302b1af8cc17b39117d1b47039c82fd53" \
    "d4c49d1dca4f0fc9"                                                                                                 \
    "d8005ccb101435be8397ce301cdc74431dea16c7499da2d9d8edf73e674fa8580de4113d0c985b03469931ee1497c0585b29a68bb5b4195d" \
    "631758fe34b3569d"                                                                                                 \
    "bfbc6dacb9781f7a1fa495669ff9ffce838654b5fcb9c294d5a50119cf741f58e5fe8098415f807e7924f64e0074cc47d603d078b504a880" \
    "a7447d84127d30b1"                                                                                                 \
    "d4144f07c5eac1f623c87a56fd0f6b4bb6e46fa70e5dab56cfca9e3674435f1bcdcfbf293ce39e80f1e15a87d34a483db88c858ca944829f" \
    "11bb0bd2d435bd75"                                                                                                 \
    "35565983e7bf7bb6048c41892d65d8339b884523452807efa30e37d6c48f97ae61d978cbc3e38626aeced71d657aa7d27027b4625cee1c21" \
    "05e4ecab7441a94e"

#define RK_RSA2048_N                                                                                                   \
    "eb2dae6d18e1a3d9398e93f3952fb69dce89f0617b9c53ba9ce01beb90b8e3105e943d941b5a712e272d78cdf37c2f04286b228a3d891262" \
    "5e9fd331bc0e76663093fd757708cab83950a00e3c9434dc8bbb672004561bb6b877848081e96cbf52bd9ea66e474d80f848a02e742a4426" \
    "806ccc1c4029d0fafcc8ec8d53bc272438c9f1105a9ae12c257e860e07996fd7c27783c2227362a951d994f9574eae984306d105e4728ec7" \
    "5d5e4a07a6b57f6c630ebd99ea087c58154cb570bf42f629402f4d2672ef73059c45fcdc7e516cd93000cf953c3e41857062154089f17cc7" \
    "aaf082ca6fab3e04009694e9503c7d163db4b69e4c709f49b34d1b827f70e4f1"

#define RK_RSA2048_REST                                                                                                \
    "9f7d7a66385285c8c254e417741c488f5acb873ec512ae61c713e13b6f0943cc0d28215eb8f22c016dc653bff0194ed55607da03c0599e23" \
    "2222e79a39fbe0e5ca9a0270d00a2158b05df23dd56d792ffc7f5a1f87715218279fbe375c630e41edfdf482d0150105aedba9edf70fd6e9" \
    "f97c4f2bf583a65b2065aeaee5939b429344633b034642e23b591a0d08eb5935f53b56fe9c1afa82248ac58f24fa0b40c1dbd928f809d909" \
    "cf0710d964d3c340c0289d2f96cc2b93b102299afec7907d31ebfb9ca477162cf3393633595084540511aa040e6bd3d898b0eea029a7988d" \
    "95c9dc138892358a693faafc3dcc920f5f45b959721624181646d5dcd8e6a4b1"                                                 \
    "ff35b4b32ecbc8073c81afc0e75d404c1578ac8231126cca7d2c0d36cf61e8592dab9898308116c0dc4fef4a09e1abae7d569db3ca480a5c" \
    "fe3b83f3a5fd09c2a0211801e63130a143054ca260803655ca0a95b5dbe606c2c256a57f9ec20b3b0fecf4360d004c813baedca30067b0d4" \
    "ae1e2038a0a8d4be3c6cc09c12b52115"                                                                                 \
    "ebe818f492dd311d399b80e8d882a0ff44eae9008de6c290e901504ad1bcbf2e1d312db8ccb9378a0b108e327d3a42def20828255e3e1a07" \
    "0b5a30ec5c6cc74322cc907ae86e695a17faf1da376a46087f152afc193d2f64c8c01b3b5b1a2463613759db53a43e74415ef8d694fde551" \
    "6030716f499f43676f127734ca38536d"                                                                                 \
    "6dd4830b89dc111d6c20b3ae64e370c44d893d545a21ffc7b4cebc711616a093a05ff4afaa5023a6a42992655e934bfb2fdd92c8c908efcc" \
    "cd6c7780e7b259fcf444c9bc27808bd91aaab12c40336d2ec6607fc55ff9427796830b7e3ca86d84e179ac2f86b0d63bd79f8d3c68f436d9" \
    "90854e809043982ab67e66f5c3e74771"                                                                                 \
    "d247f746bb4af3a6ab5d13d17a7d2669a4d30892f7ea4470cb61e2626f06a21bc6e5b96dcaff26a4a42c43b479afdf3fbfdac97e55bd6191" \
    "f9ea91457f356f814699b607f8fbc2690e8b1fde761b03063bd170997b1df10b136f3a56f4641f1f7edec9f8195c8457389621959505a4cd" \
    "9ec24fbaf593439005901e362e337b19"                                                                                 \
    "8924f07a96742deec7b7008526b4d6d97d7f853843f751857a6012b8426e139186d67a19a77fa9ce46ad64e4a5eb30d1858e02d258c5d238" \
    "a72c58646dfe85d56728e0d8f7e3db6fd9916378750797dfe4f7fc917e89d4c4020eb70efc305339cb208344fe0e74fd18ac24c6e27989a1" \
    "fbf2805cbf6b636bcfb8244b7d6199e8"

#define RK_RSA1024_PRIVATE RK_RSA1024_N RK_RSA1024_REST
#define RK_RSA2048_PRIVATE RK_RSA2048_N RK_RSA2048_REST

#endif
