package org.parley.agents.sms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.parley.agents.sms.Smscs.ANN;
import static org.parley.agents.sms.Smscs.send;
import static org.parley.agents.sms.Smscs.to;

import java.io.InputStream;
import java.security.KeyStore;
import java.util.Objects;
import javax.net.ServerSocketFactory;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;
import org.parley.agents.Tools;
import org.parley.core.api.Outcome;

/** Against an SMSC whose certificate nobody signed. */
class SmppTlsIT {
  private static ServerSocketFactory encrypted() throws Exception {
    char[] password = "changeit".toCharArray();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    // The certificate that GreenMail brings for tests.
    try (InputStream in = SmppTlsIT.class.getResourceAsStream("/greenmail.p12")) {
      keys.load(Objects.requireNonNull(in), password);
    }
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(keys, password);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context.getServerSocketFactory();
  }

  private static Outcome outcome(ScriptedSmsc smsc, String settings) throws Exception {
    SmppConnector connector = Smscs.connector(smsc.port(), new Tools(), "Hello", settings);
    try {
      return send(connector, to(ANN));
    } finally {
      connector.close();
    }
  }

  @Test
  void aMessageGoesOverTls() throws Exception {
    try (ScriptedSmsc smsc = new ScriptedSmsc(encrypted())) {
      Outcome outcome = outcome(smsc, "tls = true, tls-verify = false\n");

      assertThat(outcome.kind()).isEqualTo(Outcome.Kind.ACCEPTED);
    }
  }

  @Test
  void aServerThatCannotBeTrustedGetsNothingAndNeitherDoesOneWithoutTls() throws Exception {
    try (ScriptedSmsc untrusted = new ScriptedSmsc(encrypted());
        ScriptedSmsc plain = new ScriptedSmsc()) {
      Outcome first = outcome(untrusted, "tls = true\n");
      Outcome second = outcome(plain, "tls = true, tls-verify = false, connect-timeout = 500ms\n");

      assertThat(first.reason()).contains("connectFailed");
      assertThat(second.reason()).contains("connectFailed");
      assertThat(untrusted.seen).isEmpty();
      assertThat(plain.seen).isEmpty();
    }
  }
}
