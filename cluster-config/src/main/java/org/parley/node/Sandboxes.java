package org.parley.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.parley.agents.sandbox.SandboxSettings;
import org.parley.agents.sandbox.SandboxSmpp;
import org.parley.agents.sandbox.SandboxSmppSettings;
import org.parley.agents.sandbox.SandboxSms;
import org.parley.agents.sandbox.SandboxSmtp;
import org.parley.agents.sandbox.sip.SandboxCall;
import org.parley.agents.sandbox.sip.SandboxSip;
import org.parley.agents.sandbox.sip.SandboxSipSettings;
import org.parley.http.api.SandboxMail;

/** The sandbox carriers of a node: a mail server, an SMSC and a telephone exchange. */
final class Sandboxes implements AutoCloseable {
  private static final int SHOWN = 50;
  private static final int PER_SECOND = 100_000;
  private static final int CALLS_PER_SECOND = 200;

  private final Config config;
  private final Optional<SandboxSmtp> mail;
  private final Optional<SandboxSmpp> sms;
  private final Optional<SandboxSip> phone;

  private Sandboxes(Config config) {
    this.config = config;
    this.mail = SandboxSmtp.startIfEnabled(config);
    this.sms = SandboxSmpp.startIfEnabled(config);
    this.phone = SandboxSip.startIfEnabled(config);
  }

  /** Checks the settings without starting anything. */
  static void check(Config config) {
    SandboxSettings unused = SandboxSettings.read(config);
    SandboxSmppSettings unusedToo = SandboxSmppSettings.read(config);
    SandboxSipSettings unusedAsWell = SandboxSipSettings.read(config);
  }

  /** Starts those that {@code parley.sandbox} enables. */
  static Sandboxes start(Config config) {
    return new Sandboxes(config);
  }

  /** With a sandbox, everything goes to it and to nobody else. */
  Config withCarriers() {
    List<Map<String, Object>> carriers = new ArrayList<>();
    mail.ifPresent(to -> carriers.add(carrier("email", "smtp", "", to.port(), PER_SECOND)));
    sms.ifPresent(to -> carriers.add(carrier("sms", "smpp", "-sms", to.port(), PER_SECOND)));
    phone.ifPresent(
        to -> carriers.add(carrier("phone", "sip", "-phone", to.port(), CALLS_PER_SECOND)));
    if (carriers.isEmpty()) return config;
    return ConfigFactory.parseMap(Map.of("parley.carriers", carriers), "the sandbox")
        .withFallback(config);
  }

  private Map<String, Object> carrier(
      String channel, String protocol, String suffix, int port, int perSecond) {
    Map<String, Object> carrier = new HashMap<>();
    carrier.put("name", "sandbox" + suffix);
    carrier.put("channel", channel);
    carrier.put("protocol", protocol);
    carrier.put("host", config.getString("parley.sandbox." + protocol + ".host"));
    carrier.put("port", port);
    carrier.put("per-second", perSecond);
    return carrier;
  }

  /** What they took, newest first; absent when there are none. */
  Optional<java.util.function.Supplier<List<SandboxMail>>> inbox() {
    if (mail.isEmpty() && sms.isEmpty() && phone.isEmpty()) return Optional.empty();
    return Optional.of(this::newest);
  }

  private List<SandboxMail> newest() {
    Stream<SandboxMail> mails = mail.stream().flatMap(all -> SandboxInbox.newest(all).stream());
    Stream<SandboxMail> texts =
        sms.stream().flatMap(all -> all.newest(SHOWN).stream()).map(Sandboxes::text);
    Stream<SandboxMail> calls =
        phone.stream().flatMap(all -> all.newest(SHOWN).stream()).map(Sandboxes::call);
    return Stream.of(mails, texts, calls)
        .flatMap(each -> each)
        .sorted(Comparator.comparing(SandboxMail::receivedAt).reversed())
        .limit(SHOWN)
        .toList();
  }

  private static SandboxMail text(SandboxSms sms) {
    String part = sms.segments() > 1 ? " " + sms.segment() + " of " + sms.segments() : "";
    return new SandboxMail(
        sms.at(), sms.sender(), sms.recipient(), "Text message" + part, sms.text());
  }

  private static SandboxMail call(SandboxCall call) {
    String what = call.answered() ? "Call, answered" : "Call, not answered";
    String pressed = call.pressed().isEmpty() ? "" : "Pressed: " + call.pressed() + '\n';
    return new SandboxMail(
        call.at(),
        "parley",
        call.number(),
        what,
        pressed + "Ended by: " + call.end() + "\nSound packets: " + call.packets());
  }

  @Override
  public void close() {
    phone.ifPresent(SandboxSip::close);
    sms.ifPresent(SandboxSmpp::close);
    mail.ifPresent(SandboxSmtp::close);
  }
}
