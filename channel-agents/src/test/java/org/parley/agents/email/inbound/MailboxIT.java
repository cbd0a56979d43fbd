package org.parley.agents.email.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.icegreen.greenmail.user.GreenMailUser;
import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import com.typesafe.config.ConfigFactory;
import jakarta.mail.Flags;
import jakarta.mail.Session;
import jakarta.mail.internet.MimeMessage;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.parley.agents.Tools;
import org.parley.agents.settings.Checked;
import org.parley.core.spi.Inbound;

class MailboxIT {
  private final Tools tools = new Tools();
  private GreenMail greenMail = imap(0);
  private GreenMailUser user = greenMail.setUser("parley@reply.example", "parley", "secret");

  private @Nullable ImapDoor door;

  private static GreenMail imap(int port) {
    ServerSetup setup = new ServerSetup(port, "127.0.0.1", ServerSetup.PROTOCOL_IMAP);
    setup.setServerStartupTimeout(30_000);
    GreenMail greenMail = new GreenMail(setup);
    greenMail.start();
    return greenMail;
  }

  @BeforeEach
  void patience() {
    org.awaitility.Awaitility.setDefaultTimeout(Duration.ofSeconds(30));
  }

  @AfterEach
  void stop() {
    if (door != null) door.close();
    greenMail.stop();
  }

  private void open(String then, int port) {
    InboundSettings settings =
        InboundSettings.read(
            Checked.at(
                ConfigFactory.parseString(
                        "parley.inbound.email { domain = reply.example, answer-timeout = 20s,"
                            + " imap { enabled = true, tls = off, username = parley,"
                            + " password = secret, interval = 100ms, backoff-min = 100ms,"
                            + " backoff-max = 500ms, then = "
                            + then
                            + ", port = "
                            + port
                            + "} }")
                    .withFallback(ConfigFactory.load())
                    .resolve(),
                "parley.inbound.email"));
    InboundMetrics metrics = new InboundMetrics();
    door =
        ImapDoor.open(
            settings,
            settings.imap().orElseThrow(),
            new Intake(tools, settings, metrics, InstantSource.system()),
            metrics);
  }

  private void deliver(String mail) throws Exception {
    user.deliver(
        new MimeMessage(
            Session.getInstance(new Properties()),
            new ByteArrayInputStream(mail.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8))));
  }

  private int seen() {
    try {
      return (int)
          greenMail.getManagers().getImapHostManager().getInbox(user).getMessages().stream()
              .filter(m -> m.getFlags().contains(Flags.Flag.SEEN))
              .count();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private int inbox() {
    try {
      return greenMail.getManagers().getImapHostManager().getInbox(user).getMessageCount();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static String reply(String text) {
    return "Return-Path: <ann@customer.example>\nFrom: ann@customer.example\n"
        + "To: <reply+tok@reply.example>\nMessage-ID: <"
        + text
        + "@x.example>\n\n"
        + text
        + "\n";
  }

  @Test
  void aMailIsMarkedOnlyWhenItIsDurable() throws Exception {
    CompletableFuture<Inbound.Taken> durable = new CompletableFuture<>();
    tools.answer = durable;
    deliver(reply("Yes"));
    open("seen", greenMail.getImap().getPort());
    await().until(() -> !tools.replies.isEmpty());
    assertThat(seen()).isZero();

    durable.complete(Inbound.Taken.RECORDED);

    await().until(() -> seen() == 1);
    assertThat(tools.replies.get(0).token()).contains("tok");
    assertThat(tools.replies.get(0).text()).isEqualTo("Yes");
    deliver(Samples.gmail());
    await().until(() -> seen() == 2);
    assertThat(tools.bounces.get(0).token()).contains("tok-3");
    assertThat(tools.replies).hasSize(1);
  }

  @Test
  void whatCouldNotBeMadeDurableIsReadAgain() throws Exception {
    tools.answer = CompletableFuture.failedFuture(new IllegalStateException("no database"));
    deliver(reply("Yes"));
    open("delete", greenMail.getImap().getPort());
    await().until(() -> tools.replies.size() >= 2);
    assertThat(inbox()).isEqualTo(1);

    tools.answer = CompletableFuture.completedFuture(Inbound.Taken.RECORDED);

    await().until(() -> inbox() == 0);
  }

  @Test
  void aTakenMailIsMovedAndOneThatCanNeverBeTakenDoesNotStandInTheWay() throws Exception {
    deliver("From: a@b.example\n" + "X-Y: zzz\n".repeat(3000) + "\nbomb\n");
    deliver(reply("Yes"));
    open("move", greenMail.getImap().getPort());
    await().until(() -> inbox() == 0);

    assertThat(tools.replies).hasSize(1);
    assertThat(
            greenMail
                .getManagers()
                .getImapHostManager()
                .getFolder(user, "Parley")
                .getMessageCount())
        .isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"NO", "BAD"})
  void aMailThatTheServerDoesNotHandOutStaysAndDoesNotStandBeforeTheOthers(String answer)
      throws Exception {
    deliver(reply("Broken"));
    deliver(reply("Yes"));
    try (StubbornImap stubborn =
        new StubbornImap(greenMail.getImap().getPort(), "FETCH 1 (BODY", answer)) {
      open("seen", stubborn.port());

      await().until(() -> !tools.replies.isEmpty());
      await().until(() -> seen() == 1);
      assertThat(tools.replies).extracting(Inbound.Reply::text).containsExactly("Yes");
    }
  }

  @Test
  void aServerThatWasAwayIsFoundAgain() throws Exception {
    int port = greenMail.getImap().getPort();
    open("seen", port);
    deliver(reply("Once"));
    await().until(() -> tools.replies.size() == 1);
    greenMail.stop();
    greenMail = imap(port);
    user = greenMail.setUser("parley@reply.example", "parley", "secret");
    deliver(reply("Twice"));

    await().until(() -> tools.replies.size() == 2);
    assertThat(tools.replies.get(1).text()).isEqualTo("Twice");
  }
}
