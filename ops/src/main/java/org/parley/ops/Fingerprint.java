package org.parley.ops;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Idempotency keys made from content: the same content has the same key, so that a command that is
 * given again continues what it began and doubles nothing.
 */
final class Fingerprint {
  private static final int KEY_CHARS = 40;
  private final MessageDigest digest = sha256();

  /** Takes a text in, apart from what came before and what comes after. */
  Fingerprint add(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    digest.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
    digest.update(bytes);
    return this;
  }

  /** Takes a file's content in. */
  Fingerprint add(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      digest.update((Files.size(file) + ":").getBytes(StandardCharsets.US_ASCII));
      byte[] buffer = new byte[1 << 16];
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /** The key; nothing can be added any more. */
  String key() {
    return HexFormat.of().formatHex(digest.digest()).substring(0, KEY_CHARS);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
