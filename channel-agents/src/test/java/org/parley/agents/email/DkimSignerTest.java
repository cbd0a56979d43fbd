package org.parley.agents.email;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import org.apache.james.jdkim.DKIMVerifier;
import org.apache.james.jdkim.exceptions.FailException;
import org.junit.jupiter.api.Test;
import org.parley.agents.Attempts;

class DkimSignerTest {
  private final KeyPair keys = keys();
  private final DKIMVerifier verifier =
      new DKIMVerifier(
          (methods, selector, domain) ->
              List.of(
                  "v=DKIM1; k=rsa; p="
                      + Base64.getEncoder().encodeToString(keys.getPublic().getEncoded())));

  private static KeyPair keys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
      generator.initialize(2048);
      return generator.generateKeyPair();
    } catch (java.security.NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private byte[] signed() throws Exception {
    MailWriter writer =
        new MailWriter(
            SenderSettings.read(Attempts.carrier(25, ""), Attempts.parley()),
            InstantSource.system());
    byte[] message =
        writer
            .write(
                Attempts.to("ann@example.com"),
                Attempts.message("Grüße", "One\n.\nTwo  \n\n"),
                MailAddress.parse("ann@example.com"),
                true,
                java.util.Optional.empty())
            .octets();
    return new DkimSigner(
            new DkimSettings("parley.example", "s1", keys.getPrivate()), Runnable::run)
        .sign(message)
        .get();
  }

  @Test
  void aSignedMessageVerifies() throws Exception {
    assertThat(verifier.verify(new ByteArrayInputStream(signed()))).hasSize(1);
  }

  @Test
  void aMessageThatWasChangedDoesNot() throws Exception {
    String changed = new String(signed(), StandardCharsets.ISO_8859_1).replace("Two", "Six");

    assertThatThrownBy(
            () ->
                verifier.verify(
                    new ByteArrayInputStream(changed.getBytes(StandardCharsets.ISO_8859_1))))
        .isInstanceOf(FailException.class);
  }
}
