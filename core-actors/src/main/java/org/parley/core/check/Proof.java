package org.parley.core.check;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Proves that Parley wrote some bytes: HMAC-SHA-256 (RFC 2104) with a secret that all nodes share,
 * cut to its first bytes, which stand behind what they prove. Thread-safe.
 */
final class Proof {
  private static final int SECRET_BYTES = 32;
  private static final String ALGORITHM = "HmacSHA256";

  private final Mac mac;
  private final int length;

  /**
   * @param secret 32 random bytes
   * @param length bytes of each proof, 1 to 32
   */
  Proof(byte[] secret, int length) {
    if (secret.length != SECRET_BYTES) {
      throw new IllegalArgumentException(
          "the secret has " + secret.length + " bytes instead of " + SECRET_BYTES);
    }
    this.length = length;
    try {
      mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret, ALGORITHM));
    } catch (GeneralSecurityException e) {
      throw new AssertionError("every Java platform has " + ALGORITHM, e);
    }
  }

  /** Makes the last bytes the proof of those before them. */
  void sign(byte[] token) {
    int end = token.length - length;
    System.arraycopy(of(token, end), 0, token, end, length);
  }

  /** What stands before the proof, if the proof is ours. */
  Optional<ByteBuffer> verify(byte[] signed) {
    int end = signed.length - length;
    if (end < 0) return Optional.empty();
    byte[] given = Arrays.copyOfRange(signed, end, signed.length);
    return MessageDigest.isEqual(of(signed, end), given)
        ? Optional.of(ByteBuffer.wrap(signed, 0, end))
        : Optional.empty();
  }

  private byte[] of(byte[] bytes, int end) {
    try {
      Mac own = (Mac) mac.clone();
      own.update(bytes, 0, end);
      return Arrays.copyOf(own.doFinal(), length);
    } catch (CloneNotSupportedException e) {
      throw new AssertionError("the platform's own " + ALGORITHM + " can be cloned", e);
    }
  }
}
