package org.parley.core.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.StepKey;

class ReturnTokensTest {
  private static final StepKey HELLO = new StepKey("cmp_1z8kq0c4t0p2l7v3m9d5x6b8n", "hello");

  private final ReturnTokens tokens = new ReturnTokens(secret(1));

  private static byte[] secret(int seed) {
    byte[] secret = new byte[32];
    new Random(seed).nextBytes(secret);
    return secret;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "c-000042",
        "7f0c2a52-8a0e-4a8f-9a53-0b3c6f1d2e11",
        "7F0C2A52-8A0E-4A8F-9A53-0B3C6F1D2E11",
        "Åda\uD83D\uDE00"
      })
  void aTokenComesBackInWhateverCaseItWasPut(String id) {
    CustomerKey customer = CustomerKey.of(id);
    String token = tokens.sign(customer, HELLO).orElseThrow();
    assertThat(token).matches("[a-z2-7]+");
    for (String spelled : new String[] {token, token.toUpperCase(Locale.ROOT)}) {
      ReturnTokens.Claim claim = tokens.verify(spelled).orElseThrow();
      assertThat(claim.customer()).isEqualTo(customer);
      assertThat(claim.mark()).isEqualTo(ReturnTokens.mark(HELLO));
    }
  }

  @Test
  void aCustomerOfAnotherCellAndTenantComesBackToo() {
    CustomerKey customer = new CustomerKey("eu-1", "acme", "ada");
    String token = tokens.sign(customer, HELLO).orElseThrow();
    assertThat(tokens.verify(token).orElseThrow().customer()).isEqualTo(customer);
  }

  @Test
  void anAddressWithTheTokenOfAUsualCustomerHasALocalPartThatEveryServerTakes() {
    for (String id :
        new String[] {"customer-0000000000042", "7f0c2a52-8a0e-4a8f-9a53-0b3c6f1d2e11"}) {
      String token = tokens.sign(CustomerKey.of(id), HELLO).orElseThrow();
      assertThat("reply+" + token).hasSizeLessThanOrEqualTo(64);
    }
  }

  @Test
  void idsThatAreTooLongGiveNoToken() {
    assertThat(tokens.sign(CustomerKey.of("x".repeat(128)), HELLO)).isEmpty();
    assertThat(tokens.sign(CustomerKey.of("x".repeat(100)), HELLO).orElseThrow())
        .hasSizeLessThanOrEqualTo(200);
  }

  @Test
  void whatIsChangedOrSignedElsewhereIsNoToken() {
    String token = tokens.sign(CustomerKey.of("ada"), HELLO).orElseThrow();
    for (int i = 0; i < token.length(); i++) {
      char other = token.charAt(i) == 'a' ? 'b' : 'a';
      String changed = token.substring(0, i) + other + token.substring(i + 1);
      assertThat(tokens.verify(changed)).as("changed at %d", i).isEmpty();
    }
    assertThat(new ReturnTokens(secret(2)).verify(token)).isEmpty();
  }

  @Test
  void rubbishIsNoToken() {
    Random random = new Random(7);
    for (int i = 0; i < 20_000; i++) {
      StringBuilder text = new StringBuilder();
      int length = random.nextInt(260);
      for (int c = 0; c < length; c++) {
        text.append("abcdefghijklmnopqrstuvwxyz234567ABC-1+ü".charAt(random.nextInt(39)));
      }
      assertThat(tokens.verify(text.toString())).isEmpty();
    }
  }
}
