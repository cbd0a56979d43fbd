package org.parley.agents.email;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Optional;
import org.parley.agents.settings.Checked;

/** What DKIM signs with (RFC 6376): the domain, the selector, and the private RSA key. */
record DkimSettings(String domain, String selector, PrivateKey key) {

  static Optional<DkimSettings> read(Checked config) {
    return config
        .file("key-file")
        .map(
            file ->
                new DkimSettings(
                    config.text("domain"), config.text("selector"), key(config, file)));
  }

  private static PrivateKey key(Checked config, Path file) {
    String allowed = "a readable RSA key in PKCS #8 PEM form (BEGIN PRIVATE KEY)";
    try {
      String pem = Files.readString(file);
      String begin = "-----BEGIN PRIVATE KEY-----";
      int start = pem.indexOf(begin);
      int end = pem.indexOf("-----END PRIVATE KEY-----");
      if (start < 0 || end < 0) throw config.bad("key-file", file.toString(), allowed);
      byte[] encoded = Base64.getMimeDecoder().decode(pem.substring(start + begin.length(), end));
      return KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(encoded));
    } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
      throw config.bad("key-file", file.toString(), allowed);
    }
  }
}
