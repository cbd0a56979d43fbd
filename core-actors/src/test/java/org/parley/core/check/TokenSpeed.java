package org.parley.core.check;

import org.parley.core.api.Channel;
import org.parley.core.api.CustomerKey;

/** Measures what it costs to sign and to prove an unsubscribe token, on one thread. */
final class TokenSpeed {
  private static final int TOKENS = 500_000;
  private static final int ROUNDS = 5;

  private TokenSpeed() {}

  public static void main(String[] args) {
    UnsubscribeTokens tokens = new UnsubscribeTokens(new byte[32]);
    CustomerKey customer = CustomerKey.of("customer-123456");
    String campaign = "cmp_3w5e11264sgsg3w5e11264sgsg";
    for (int round = 1; round <= ROUNDS; round++) {
      long start = System.nanoTime();
      String token = "";
      for (int i = 0; i < TOKENS; i++) token = tokens.sign(customer, campaign, Channel.EMAIL);
      double sign = (System.nanoTime() - start) / 1e3 / TOKENS;
      start = System.nanoTime();
      int proved = 0;
      for (int i = 0; i < TOKENS; i++) if (tokens.verify(token).isPresent()) proved++;
      double verify = (System.nanoTime() - start) / 1e3 / TOKENS;
      System.out.printf(
          "round %d: sign %.2f µs, verify %.2f µs, %d characters, %d proved%n",
          round, sign, verify, token.length(), proved);
    }
  }
}
