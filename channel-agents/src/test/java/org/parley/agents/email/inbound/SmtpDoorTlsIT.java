package org.parley.agents.email.inbound;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.parley.agents.Tools;
import org.parley.agents.settings.Checked;

class SmtpDoorTlsIT {
  private static final String SECRET = "changeit";

  @Test
  void aMailMayComeOverStartTls(@TempDir Path folder) throws Exception {
    Tools tools = new Tools();
    writeCertificate(folder);
    InboundSettings settings =
        InboundSettings.read(
            Checked.at(
                ConfigFactory.parseString(
                        "parley.inbound.email { domain = reply.example, smtp { enabled = true,"
                            + " port = 0, tls { certificate-file = \""
                            + folder.resolve("cert.pem")
                            + "\", key-file = \""
                            + folder.resolve("key.pem")
                            + "\" } } }")
                    .withFallback(ConfigFactory.load())
                    .resolve(),
                "parley.inbound.email"));
    InboundMetrics metrics = new InboundMetrics();
    Intake intake = new Intake(tools, settings, metrics, InstantSource.system());
    try (SmtpDoor door = SmtpDoor.open(settings, settings.smtp().orElseThrow(), intake, metrics)) {
      Properties properties = new Properties();
      properties.setProperty("mail.smtp.host", "127.0.0.1");
      properties.setProperty("mail.smtp.port", Integer.toString(door.port()));
      properties.setProperty("mail.smtp.timeout", "20000");
      properties.setProperty("mail.smtp.starttls.enable", "true");
      properties.setProperty("mail.smtp.starttls.required", "true");
      properties.setProperty("mail.smtp.ssl.trust", "*");
      properties.setProperty("mail.smtp.ssl.checkserveridentity", "false");
      MimeMessage mail = new MimeMessage(Session.getInstance(properties));
      mail.setFrom(new InternetAddress("ann@customer.example"));
      mail.setText("Yes");
      mail.saveChanges();
      try (Transport transport = Session.getInstance(properties).getTransport("smtp")) {
        transport.connect();
        transport.sendMessage(mail, InternetAddress.parse("reply+tok@reply.example"));
      }
    }

    assertThat(tools.replies).hasSize(1);
    assertThat(tools.replies.get(0).text()).isEqualTo("Yes");
  }

  private static void writeCertificate(Path folder) throws Exception {
    Path store = folder.resolve("store.p12");
    String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    Process made =
        new ProcessBuilder(
                keytool,
                "-genkeypair",
                "-alias",
                "mail",
                "-keyalg",
                "RSA",
                "-keysize",
                "2048",
                "-dname",
                "CN=localhost",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                SECRET)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("keytool.log").toFile())
            .start();
    assertThat(made.waitFor()).isZero();
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, SECRET.toCharArray());
    }
    pem(folder.resolve("cert.pem"), "CERTIFICATE", keys.getCertificate("mail").getEncoded());
    pem(
        folder.resolve("key.pem"),
        "PRIVATE KEY",
        keys.getKey("mail", SECRET.toCharArray()).getEncoded());
  }

  private static void pem(Path file, String what, byte[] content) throws Exception {
    String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
    Files.writeString(
        file, "-----BEGIN " + what + "-----\n" + lines + "\n-----END " + what + "-----\n");
  }
}
