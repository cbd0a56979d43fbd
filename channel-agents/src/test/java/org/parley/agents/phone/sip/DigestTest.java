package org.parley.agents.phone.sip;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DigestTest {
  private static final String NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";

  /** The examples of RFC 7616, section 3.9.1. */
  @Test
  void theAnswersAreThoseOfTheStandard() {
    assertThat(answer("MD5")).contains("response=\"8ca523f5e9506fed4657c9700eebdbec\"");
    assertThat(answer("SHA-256"))
        .contains("response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\"");
  }

  private static String answer(String algorithm) {
    return Digest.answer(
            "Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm="
                + algorithm
                + ", nonce=\""
                + NONCE
                + "\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"",
            "Mufasa",
            "Circle of Life",
            "GET",
            "/dir/index.html",
            "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ")
        .orElseThrow();
  }

  @Test
  void aChallengeWeCannotAnswerIsLeft() {
    assertThat(Digest.answer("Basic realm=\"x\"", "a", "b", "INVITE", "sip:x", "1")).isEmpty();
    assertThat(
            Digest.answer(
                "Digest realm=\"x\", nonce=\"1\", algorithm=SHA-9",
                "a",
                "b",
                "INVITE",
                "sip:x",
                "1"))
        .isEmpty();
  }
}
