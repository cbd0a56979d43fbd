package org.parley.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import java.io.File;
import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializer;
import org.apache.pekko.serialization.Serializers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.parley.core.api.StepKey;
import org.parley.core.campaign.CampaignCommand;
import org.parley.core.conversation.ConversationCommand;
import org.parley.core.spi.WireMessage;

/** Every message that may leave its node comes out on the other one as it went in. */
class WireMessageTest {
  private static final ActorTestKit KIT =
      ActorTestKit.create(Engine.config().withFallback(ConfigFactory.load()).resolve());
  private static final Serialization SERIALIZATION = SerializationExtension.get(KIT.system());
  private static final Instant AT = Instant.parse("2026-11-24T10:00:00.123456789Z");

  /** Sent by an actor to itself: a place, and commands that wait within it. */
  private static final Set<Class<?>> STAY_ON_THE_NODE =
      Set.of(
          ConversationCommand.PlaceOffered.class,
          ConversationCommand.DefinitionReady.class,
          ConversationCommand.Looked.class,
          CampaignCommand.AudienceFrozen.class,
          CampaignCommand.Looked.class);

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  private static List<Class<?>> messages() throws Exception {
    Path classes =
        Path.of(Engine.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<Class<?>> messages = new ArrayList<>();
    try (Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".class")).sorted().toList()) {
        String name = classes.relativize(file).toString();
        Class<?> type =
            Class.forName(
                name.substring(0, name.length() - ".class".length())
                    .replace(File.separatorChar, '.'),
                false,
                Engine.class.getClassLoader());
        if (type.isRecord() && WireMessage.class.isAssignableFrom(type)) messages.add(type);
      }
    }
    messages.removeAll(STAY_ON_THE_NODE);
    return messages;
  }

  @Test
  void everyMessageComesBackAsItWas() throws Exception {
    List<Class<?>> messages = messages();
    assertThat(messages).hasSizeGreaterThan(20);
    for (Class<?> type : messages) {
      for (boolean full : List.of(true, false)) {
        Object message = sample(type, full);
        Serializer serializer = SERIALIZATION.findSerializerFor(message);
        assertThat(serializer.getClass().getSimpleName())
            .as("serializer of " + type.getName())
            .isEqualTo("JacksonCborSerializer");
        byte[] bytes = SERIALIZATION.serialize(message).get();
        Object back =
            SERIALIZATION
                .deserialize(
                    bytes, serializer.identifier(), Serializers.manifestFor(serializer, message))
                .get();
        assertThat(back).as(type.getName()).isEqualTo(message);
      }
    }
  }

  /** An answer that stays behind is a question that nobody hears of again. */
  @Test
  void everyAnswerToAMessageMayLeaveItsNodeToo() throws Exception {
    for (Class<?> type : messages()) {
      for (RecordComponent component : type.getRecordComponents()) {
        if (component.getType() != ActorRef.class) continue;
        Type answer = ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0];
        assertThat((Class<?>) answer)
            .as("the answer to %s", type.getName())
            .isAssignableTo(WireMessage.class);
      }
    }
  }

  @Test
  void whatFollowsFromAFieldIsNotSent() {
    byte[] bytes =
        SERIALIZATION
            .serialize(
                new ConversationCommand.Verdict(
                    new StepKey("cmp_a", "hello"),
                    "ada",
                    7,
                    ConversationCommand.Verdict.Kind.SETTLED))
            .get();
    assertThat(new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1))
        .contains("campaignId", "stepId")
        .doesNotContain("message");
  }

  /**
   * A value of a type.
   *
   * @param full whether what may be absent or empty is there
   */
  private static Object sample(Type type, boolean full) throws ReflectiveOperationException {
    if (type instanceof ParameterizedType generic) {
      Type raw = generic.getRawType();
      Type[] of = generic.getActualTypeArguments();
      if (raw == ActorRef.class) return KIT.createTestProbe().ref();
      if (raw == Optional.class) return full ? Optional.of(sample(of[0], true)) : Optional.empty();
      if (raw == List.class) return full ? List.of(sample(of[0], true)) : List.of();
      if (raw == Map.class) {
        return full ? Map.of(sample(of[0], true), sample(of[1], true)) : Map.of();
      }
    }
    if (type == String.class) return full ? "Ünï \uD83D\uDE00" : "";
    if (type == long.class || type == Long.class) return full ? Long.MAX_VALUE : 0L;
    if (type == int.class || type == Integer.class) return full ? Integer.MIN_VALUE : 0;
    if (type == boolean.class) return full;
    if (type == Instant.class) return full ? AT : Instant.EPOCH;
    if (type == Duration.class) return full ? Duration.ofDays(2).plusNanos(1) : Duration.ZERO;
    if (type == LocalTime.class) return full ? LocalTime.of(21, 30) : LocalTime.MIDNIGHT;
    if (type instanceof Class<?> known && known.isEnum()) {
      Object[] all = known.getEnumConstants();
      return full ? all[all.length - 1] : all[0];
    }
    if (type instanceof Class<?> known && known.isRecord()) return record(known, full);
    throw new IllegalStateException("no sample of " + type);
  }

  private static Object record(Class<?> type, boolean full) throws ReflectiveOperationException {
    RecordComponent[] components = type.getRecordComponents();
    Object[] values = new Object[components.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = sample(components[i].getGenericType(), full);
    }
    Class<?>[] types =
        Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
    Constructor<?> constructor = type.getDeclaredConstructor(types);
    constructor.setAccessible(true);
    return constructor.newInstance(values);
  }
}
