package org.parley.bench;

import com.typesafe.config.ConfigFactory;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializer;
import org.apache.pekko.serialization.Serializers;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.parley.core.api.AttemptId;
import org.parley.core.api.AudienceFormat;
import org.parley.core.api.CampaignDefinition.FrequencyCap;
import org.parley.core.api.CampaignDefinition.OnLimit;
import org.parley.core.api.CampaignDefinition.Policy;
import org.parley.core.api.CampaignDefinition.QuietHours;
import org.parley.core.api.CampaignDefinition.Schedule;
import org.parley.core.api.Category;
import org.parley.core.api.Channel;
import org.parley.core.api.ConsentState;
import org.parley.core.api.CustomerKey;
import org.parley.core.api.ImportReport;
import org.parley.core.api.Profile;
import org.parley.core.api.Reject;
import org.parley.core.api.RenderedMessage;
import org.parley.core.api.StepKey;
import org.parley.core.api.Template;
import org.parley.core.audience.AudienceImport;
import org.parley.core.check.UnsubscribeTokens;
import org.parley.core.conversation.ConversationCommand.Verdict;
import org.parley.core.conversation.ConversationEvent.OutreachGranted;
import org.parley.core.policy.Contacts;
import org.parley.core.policy.Decision;
import org.parley.core.policy.PolicySettings;
import org.parley.core.policy.Rules;
import org.parley.core.spi.AudienceWriter;
import org.parley.core.spi.Member;
import org.parley.core.template.Renderer;

/**
 * What every message passes and what needs no disk and no wire: nanoseconds each, on one thread.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "-XX:+UseParallelGC")
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class HotPaths {
  private static final int ROWS = 10_000;
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
  private static final CustomerKey CUSTOMER = CustomerKey.of("customer-123456");
  private static final StepKey STEP = new StepKey("cmp_3w5e11264sgsg3w5e11264sgsg", "hello");

  private final Profile profile =
      new Profile(
          Optional.of("ada@example.com"),
          Optional.empty(),
          Optional.of("Europe/Berlin"),
          Optional.of("de"),
          Map.of("firstName", "Ada & Søn", "city", "Århus", "plan", "gold"),
          Instant.EPOCH);

  private final Rules rules =
      new Rules(new PolicySettings(Optional.empty(), ZoneId.of("UTC"), false));
  private final Rules.Touch touch =
      new Rules.Touch(
          Channel.EMAIL,
          Category.MARKETING,
          Schedule.NOW,
          new Policy(
              Optional.of(new FrequencyCap(30, Duration.ofDays(7), OnLimit.SKIP)),
              Optional.of(new QuietHours(LocalTime.of(21, 0), LocalTime.of(8, 0))),
              Optional.empty()));
  private final Rules.Person person =
      new Rules.Person(
          profile, Map.of(Channel.EMAIL, ConsentState.OPTED_IN), List.of(), contacts(20));

  private final Renderer renderer = new Renderer();
  private final Template template =
      new Template(
          Optional.of("{{firstName}}, it is spring"),
          Optional.of(text()),
          Optional.of("<p>" + text().replace("\n", "<br>") + "</p>"));
  private final Map<String, String> extra =
      Map.of("customerId", "c1", "unsubscribeUrl", "https://example.com/v1/unsubscribe/abc");

  private final UnsubscribeTokens tokens = new UnsubscribeTokens(new byte[32]);
  private final String token = tokens.sign(CUSTOMER, STEP.campaignId(), Channel.EMAIL);

  private final byte[] csv = csv();

  private final ActorSystem system =
      ActorSystem.create(
          "jmh",
          ConfigFactory.parseString("pekko { actor.provider = local, loglevel = WARNING }")
              .withFallback(ConfigFactory.load()));
  private final Serialization serialization = SerializationExtension.get(system);
  private final Written grant = new Written(grant());
  private final Written verdict =
      new Written(new Verdict(STEP, CUSTOMER.customerId(), 123_456, Verdict.Kind.SETTLED));

  /** The rules of one grant: consent, a cap over twenty contacts, quiet hours in another zone. */
  @Benchmark
  public Decision rules() {
    return rules.judge(touch, person, NOON);
  }

  /** Subject, text and HTML of some 500 characters with four values. */
  @Benchmark
  public RenderedMessage template() {
    return renderer.render(template, profile, extra);
  }

  @Benchmark
  public byte[] journalWrite() {
    return grant.write();
  }

  @Benchmark
  public Object journalRead() {
    return grant.read();
  }

  @Benchmark
  public byte[] wireWrite() {
    return verdict.write();
  }

  @Benchmark
  public Object wireRead() {
    return verdict.read();
  }

  /** One row, of {@value #ROWS} in a file: read, checked and brought to its normal form. */
  @Benchmark
  @OperationsPerInvocation(ROWS)
  public ImportReport csvRow() {
    return AudienceImport.run(
        new ByteArrayInputStream(csv),
        AudienceFormat.CSV,
        new Counter(),
        AudienceImport.Limits.DEFAULT,
        NOON);
  }

  @Benchmark
  public String tokenSign() {
    return tokens.sign(CUSTOMER, STEP.campaignId(), Channel.EMAIL);
  }

  @Benchmark
  public Optional<UnsubscribeTokens.Claim> tokenVerify() {
    return tokens.verify(token);
  }

  @TearDown
  public void end() {
    var unused = system.terminate();
  }

  /** A record with its serializer and its bytes. */
  private final class Written {
    private final Object record;
    private final Serializer serializer;
    private final String manifest;
    private final byte[] bytes;

    Written(Object record) {
      this.record = record;
      this.serializer = serialization.findSerializerFor(record);
      this.manifest = Serializers.manifestFor(serializer, record);
      this.bytes = write();
    }

    byte[] write() {
      return serializer.toBinary(record);
    }

    Object read() {
      return serialization.deserialize(bytes, serializer.identifier(), manifest).get();
    }
  }

  private static OutreachGranted grant() {
    return new OutreachGranted(
        STEP,
        Channel.EMAIL,
        AttemptId.of(CUSTOMER, STEP, 1),
        1,
        true,
        Optional.empty(),
        Optional.empty(),
        NOON.plusSeconds(30),
        Optional.empty(),
        Optional.empty(),
        1234,
        NOON);
  }

  private static Contacts contacts(int count) {
    Contacts contacts = Contacts.NONE;
    for (int i = count; i > 0; i--) contacts = contacts.with(NOON.minus(Duration.ofHours(i)));
    return contacts;
  }

  private static String text() {
    return "Dear {{firstName}},\n\nit is spring in {{city}}. "
        + "Come and see what is new. ".repeat(9)
        + "\n\nNo more of these: {{unsubscribeUrl}}\n";
  }

  private static byte[] csv() {
    StringBuilder file =
        new StringBuilder("customerId,email,phone,timeZone,locale,firstName,plan\n");
    for (int i = 0; i < ROWS; i++) {
      file.append("cust-").append(i).append(",customer.").append(i);
      file.append("@mail.example.com,+4915112345678,Europe/Berlin,de-DE,Ada,gold\n");
    }
    return file.toString().getBytes(StandardCharsets.UTF_8);
  }

  private static final class Counter implements AudienceWriter {
    private long accepted;
    private long rejected;

    @Override
    public void add(Member member) {
      accepted++;
    }

    @Override
    public void reject(Reject reject) {
      rejected++;
    }

    @Override
    public ImportReport commit(List<String> columns) {
      if (rejected > 0) throw new IllegalStateException(rejected + " rows were rejected");
      return new ImportReport(accepted, rejected, 0, columns);
    }

    @Override
    public void close() {}
  }
}
