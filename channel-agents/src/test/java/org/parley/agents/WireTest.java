package org.parley.agents;

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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializer;
import org.apache.pekko.serialization.Serializers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.parley.core.Engine;
import org.parley.core.spi.WireMessage;

/** Every message between the agents of two nodes comes out as it went in, attempts included. */
class WireTest {
  private static final ActorTestKit KIT =
      ActorTestKit.create(Engine.config().withFallback(ConfigFactory.load()).resolve());

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  @Test
  void everyMessageComesBackAsItWas() throws Exception {
    Serialization serialization = SerializationExtension.get(KIT.system());
    List<Class<?>> messages = messages();
    assertThat(messages).hasSizeGreaterThanOrEqualTo(9);
    for (Class<?> type : messages) {
      for (boolean full : List.of(true, false)) {
        Object message = sample(type, full);
        Serializer serializer = serialization.findSerializerFor(message);
        assertThat(serializer.getClass().getSimpleName()).isEqualTo("JacksonCborSerializer");
        byte[] bytes = serialization.serialize(message).get();
        String manifest = Serializers.manifestFor(serializer, message);
        Object back = serialization.deserialize(bytes, serializer.identifier(), manifest).get();
        assertThat(back).as(type.getName()).isEqualTo(message);
      }
    }
  }

  private static List<Class<?>> messages() throws Exception {
    Path classes =
        Path.of(ChannelAgents.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    List<Class<?>> messages = new ArrayList<>();
    try (Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".class")).sorted().toList()) {
        String name = classes.relativize(file).toString().replace(File.separatorChar, '.');
        Class<?> type =
            Class.forName(
                name.substring(0, name.length() - ".class".length()),
                false,
                ChannelAgents.class.getClassLoader());
        if (type.isRecord() && WireMessage.class.isAssignableFrom(type)) messages.add(type);
      }
    }
    return messages;
  }

  private static Object sample(Type type, boolean full) throws ReflectiveOperationException {
    if (type instanceof ParameterizedType generic) {
      Type[] of = generic.getActualTypeArguments();
      Type raw = generic.getRawType();
      if (raw == ActorRef.class) return KIT.createTestProbe().ref();
      if (raw == Optional.class) return full ? Optional.of(sample(of[0], true)) : Optional.empty();
      if (raw == List.class) return full ? List.of(sample(of[0], true)) : List.of();
      if (raw == Map.class) return full ? Map.of("k", "v") : Map.of();
    }
    if (type == String.class) return full ? "Ünï \uD83D\uDE00" : "x";
    if (type == long.class) return full ? Long.MAX_VALUE : 0L;
    if (type == int.class) return full ? Integer.MIN_VALUE : 0;
    if (type == Instant.class) return Instant.parse("2026-11-24T10:00:00.123456789Z");
    if (type == Duration.class) return full ? Duration.ofDays(2).plusNanos(1) : Duration.ZERO;
    if (type == org.parley.core.api.CustomerKey.class) {
      return org.parley.core.api.CustomerKey.of("customer-1");
    }
    if (type instanceof Class<?> known && known.isEnum()) return known.getEnumConstants()[0];
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
