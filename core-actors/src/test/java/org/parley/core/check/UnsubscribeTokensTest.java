package org.parley.core.check;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.arbitrary;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.strings;

import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.parley.core.api.Channel;
import org.parley.core.api.CustomerKey;
import org.parley.core.check.UnsubscribeTokens.Claim;

class UnsubscribeTokensTest {
  private static final CustomerKey CUSTOMER = CustomerKey.of("customer-1");
  private static final String CAMPAIGN = "cmp_1a2b3c";
  private static final String ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  private final UnsubscribeTokens tokens = new UnsubscribeTokens(secret(1));

  @Test
  void aTokenSaysWhoLeavesAndWhy() {
    for (Channel channel : Channel.values()) {
      String token = tokens.sign(CUSTOMER, CAMPAIGN, channel);

      assertThat(tokens.verify(token)).contains(new Claim(CUSTOMER, CAMPAIGN, channel));
      assertThat(token).matches("[A-Za-z0-9_-]+").hasSizeLessThan(64);
    }
  }

  @Test
  void everyCustomerComesBackAsTheyWere() {
    qt().withExamples(5_000)
        .forAll(
            strings().allPossible().ofLengthBetween(0, 60), arbitrary().enumValues(Channel.class))
        .checkAssert(
            (any, channel) -> {
              String id = "c" + any.replaceAll("[|\\p{Cc}\\p{Cs}\\p{Z}]", "") + "😀";
              Claim claim =
                  new Claim(new CustomerKey("eu-1", "acme", id), "cmp_" + channel, channel);
              String token = tokens.sign(claim.customer(), claim.campaignId(), claim.channel());

              assertThat(tokens.verify(token)).contains(claim);
            });
  }

  @Test
  void theSameIsAlwaysTheSameTokenAndEverythingElseAnotherOne() {
    String token = tokens.sign(CUSTOMER, CAMPAIGN, Channel.EMAIL);

    assertThat(tokens.sign(CUSTOMER, CAMPAIGN, Channel.EMAIL)).isEqualTo(token);
    assertThat(
            List.of(
                tokens.sign(CUSTOMER, CAMPAIGN, Channel.SMS),
                tokens.sign(CUSTOMER, CAMPAIGN + "x", Channel.EMAIL),
                tokens.sign(CustomerKey.of("customer-2"), CAMPAIGN, Channel.EMAIL),
                tokens.sign(
                    new CustomerKey("main", "other", "customer-1"), CAMPAIGN, Channel.EMAIL),
                // The border between two fields is part of what is signed.
                tokens.sign(CustomerKey.of("xcustomer-1"), CAMPAIGN, Channel.EMAIL)))
        .doesNotHaveDuplicates()
        .doesNotContain(token);
  }

  @Test
  void aTokenWithAnyCharacterChangedIsRefused() {
    String token = tokens.sign(CUSTOMER, CAMPAIGN, Channel.EMAIL);
    for (int i = 0; i < token.length(); i++) {
      for (int n = 0; n < ALPHABET.length(); n++) {
        char c = ALPHABET.charAt(n);
        if (c == token.charAt(i)) continue;
        String forged = token.substring(0, i) + c + token.substring(i + 1);
        assertThat(tokens.verify(forged)).as("character %d", i).isEmpty();
      }
    }
  }

  @Test
  void aTokenThatIsCutOrLongerIsRefused() {
    String token = tokens.sign(CUSTOMER, CAMPAIGN, Channel.EMAIL);
    for (int i = 0; i < token.length(); i++) {
      assertThat(tokens.verify(token.substring(0, i))).isEmpty();
      assertThat(tokens.verify(token.substring(i + 1))).isEmpty();
    }
    assertThat(tokens.verify(token + "A")).isEmpty();
    assertThat(tokens.verify(token + "=")).isEmpty();
    assertThat(tokens.verify(" " + token)).isEmpty();
    assertThat(tokens.verify("A".repeat(10_000_000))).isEmpty();
  }

  @Test
  void aTokenOfAnotherSecretIsRefused() {
    String token = new UnsubscribeTokens(secret(2)).sign(CUSTOMER, CAMPAIGN, Channel.EMAIL);

    assertThat(tokens.verify(token)).isEmpty();
  }

  @Test
  void whateverComesIsRefusedAndNothingThrown() {
    qt().withExamples(20_000)
        .forAll(strings().allPossible().ofLengthBetween(0, 200), integers().all())
        .checkAssert(
            (text, seed) -> {
              byte[] bytes = new byte[new Random(seed).nextInt(200)];
              new Random(seed).nextBytes(bytes);
              if (bytes.length > 0) bytes[0] = 1;
              assertThat(tokens.verify(text)).isEmpty();
              assertThat(
                      tokens.verify(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes)))
                  .isEmpty();
            });
  }

  @Test
  void manyThreadsMaySignAtOnce() {
    String expected = tokens.sign(CUSTOMER, CAMPAIGN, Channel.EMAIL);
    List<CompletableFuture<Boolean>> threads =
        IntStream.range(0, 8)
            .mapToObj(
                i ->
                    CompletableFuture.supplyAsync(
                        () ->
                            IntStream.range(0, 2_000)
                                .allMatch(
                                    n ->
                                        tokens
                                            .sign(CUSTOMER, CAMPAIGN, Channel.EMAIL)
                                            .equals(expected))))
            .toList();

    assertThat(threads).allMatch(CompletableFuture::join);
  }

  @Test
  void whatCannotBeSaidInATokenIsNotSigned() {
    assertThatThrownBy(() -> tokens.sign(CUSTOMER, "x".repeat(256), Channel.EMAIL))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> tokens.sign(CustomerKey.of("a\ud800"), CAMPAIGN, Channel.EMAIL))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new UnsubscribeTokens(new byte[16]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static byte[] secret(int of) {
    byte[] secret = new byte[32];
    Arrays.fill(secret, (byte) of);
    return secret;
  }
}
