package org.parley.agents.phone;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.parley.agents.Attempts;
import org.parley.agents.sandbox.sip.SandboxSip;
import org.parley.agents.sandbox.sip.SandboxSipSettings;
import org.parley.agents.settings.Checked;
import org.parley.core.api.AttemptId;
import org.parley.core.api.Channel;
import org.parley.core.api.Outcome;
import org.parley.core.api.RenderedMessage;
import org.parley.core.spi.Attempt;

/** Calls as the tests need them. */
final class Phones {
  private static final int RATE = 8000;

  private Phones() {}

  /** A sandbox with some keys of its own. */
  static SandboxSip sandbox(String more) {
    return SandboxSip.start(
        SandboxSipSettings.read(
            config(
                "parley.sandbox.sip { port = 0, ring = 50ms, press-after = 50ms\n" + more + "}")));
  }

  private static Config config(String own) {
    return ConfigFactory.parseString(own).withFallback(ConfigFactory.load()).resolve();
  }

  /** A connector to a port of this host that plays {@code hello.wav} of a directory. */
  static SipConnector connector(int port, Path prompts, String more) {
    return connector(port, prompts, more, InstantSource.system());
  }

  static SipConnector connector(int port, Path prompts, String more, InstantSource clock) {
    return connector(port, "prompts = \"" + prompts + '"', more, audio("hello.wav"), clock);
  }

  static SipConnector connector(int port, String phone, String more, RenderedMessage message) {
    return connector(port, phone, more, message, InstantSource.system());
  }

  private static SipConnector connector(
      int port, String phone, String more, RenderedMessage message, InstantSource clock) {
    Config defaults = ConfigFactory.load().getConfig("parley.carrier-defaults.sip");
    Config own =
        ConfigFactory.parseString(
            "name = main, channel = phone, protocol = sip, host = 127.0.0.1, answer-wait = 300ms,"
                + " port = "
                + port
                + '\n'
                + more);
    return SipConnector.open(
        "main",
        new Checked(own.withFallback(defaults).resolve(), "parley.carriers.0"),
        Checked.at(config("parley.phone { " + phone + " }"), "parley"),
        attempt -> message,
        clock,
        ForkJoinPool.commonPool());
  }

  static RenderedMessage audio(String name) {
    return new RenderedMessage(
        Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(name));
  }

  static RenderedMessage text(String text) {
    return new RenderedMessage(Optional.empty(), Optional.of(text), Optional.empty());
  }

  /** A new attempt to call a number. */
  static Attempt attempt(String number) {
    Attempt email = Attempts.to("ann@example.com");
    return new Attempt(
        AttemptId.of(email.customer(), email.key(), 7),
        email.customer(),
        email.key(),
        1,
        Channel.PHONE,
        email.category(),
        number,
        email.profile(),
        email.template(),
        email.unsubscribeToken(),
        email.grantedAt(),
        email.until());
  }

  static Outcome call(SipConnector connector, String number)
      throws InterruptedException, ExecutionException, TimeoutException {
    return connector.send(attempt(number)).toCompletableFuture().get(30, TimeUnit.SECONDS);
  }

  /** Writes a recording of a tone. */
  static Path tone(Path file, int millis) throws IOException {
    short[] samples = new short[RATE * millis / 1000];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = (short) (8000 * Math.sin(2 * Math.PI * 440 * i / RATE));
    }
    return Files.write(file, wav(samples, RATE, 1, 16));
  }

  /** A WAV file, as its header says. */
  static byte[] wav(short[] samples, int rate, int channels, int bits) {
    ByteBuffer out = ByteBuffer.allocate(44 + 2 * samples.length).order(ByteOrder.LITTLE_ENDIAN);
    out.put("RIFF".getBytes(StandardCharsets.US_ASCII)).putInt(36 + 2 * samples.length);
    out.put("WAVEfmt ".getBytes(StandardCharsets.US_ASCII)).putInt(16);
    out.putShort((short) 1).putShort((short) channels).putInt(rate).putInt(rate * channels * 2);
    out.putShort((short) (channels * 2)).putShort((short) bits);
    out.put("data".getBytes(StandardCharsets.US_ASCII)).putInt(2 * samples.length);
    for (short sample : samples) out.putShort(sample);
    return out.array();
  }
}
