package org.parley.core.api;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The idempotency key of one try to hand a message to a carrier. It is derived from the customer,
 * the step and the number of the try, so the same try has the same id on every node and after every
 * crash, and it tells a reader nothing about the person.
 */
public record AttemptId(@JsonValue String value) {
  private static final char[] ALPHABET = "abcdefghijklmnopqrstuvwxyz234567".toCharArray();
  private static final int CHARS = 26;

  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public AttemptId {}

  /** The id of the {@code number}th try, counted from 1, of a step for a customer. */
  public static AttemptId of(CustomerKey customer, StepKey key, int number) {
    String text =
        customer.entityId() + '\n' + key.campaignId() + '\n' + key.stepId() + '\n' + number;
    byte[] hash = sha256().digest(text.getBytes(StandardCharsets.UTF_8));
    char[] out = new char[CHARS];
    for (int i = 0; i < CHARS; i++) {
      int bit = i * 5;
      int pair = (hash[bit >> 3] & 0xff) << 8 | (hash[(bit >> 3) + 1] & 0xff);
      out[i] = ALPHABET[pair >> (11 - (bit & 7)) & 31];
    }
    return new AttemptId(new String(out));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
