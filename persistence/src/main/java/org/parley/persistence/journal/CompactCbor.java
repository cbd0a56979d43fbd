package org.parley.persistence.journal;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdScalarSerializer;
import com.fasterxml.jackson.dataformat.cbor.databind.CBORMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;

/**
 * How the journal's records look as CBOR: fields by name, absent ones left out, moments and spans
 * as one integer of nanoseconds (as ISO 8601 text where 64 bits are too few), other times of day
 * and dates as ISO 8601 text, enums by name. A field that a reader does not know is skipped, so
 * that an older release reads what a newer one wrote.
 */
final class CompactCbor {
  private static final long NANOS_PER_SECOND = 1_000_000_000L;
  // Seconds whose nanoseconds fit into 64 bits: the years 1677 to 2262, spans up to 292 years.
  private static final long MAX_SECONDS = Long.MAX_VALUE / NANOS_PER_SECOND - 1;

  private CompactCbor() {}

  static ObjectMapper mapper() {
    return CBORMapper.builder()
        .addModule(new Jdk8Module())
        .addModule(new JavaTimeModule())
        .addModule(
            new SimpleModule("parley-time")
                .addSerializer(new InstantWriter())
                .addDeserializer(Instant.class, new InstantReader())
                .addSerializer(new DurationWriter())
                .addDeserializer(Duration.class, new DurationReader()))
        .serializationInclusion(JsonInclude.Include.NON_ABSENT)
        .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
        .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
        .build();
  }

  private static boolean fits(long seconds) {
    return seconds <= MAX_SECONDS && seconds >= -MAX_SECONDS;
  }

  private static final class InstantWriter extends StdScalarSerializer<Instant> {
    private static final long serialVersionUID = 1L;

    InstantWriter() {
      super(Instant.class);
    }

    @Override
    public void serialize(Instant value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      if (fits(value.getEpochSecond())) {
        out.writeNumber(value.getEpochSecond() * NANOS_PER_SECOND + value.getNano());
      } else {
        out.writeString(value.toString());
      }
    }
  }

  private static final class InstantReader extends StdScalarDeserializer<Instant> {
    private static final long serialVersionUID = 1L;

    InstantReader() {
      super(Instant.class);
    }

    @Override
    public Instant deserialize(JsonParser in, DeserializationContext context) throws IOException {
      if (!in.hasToken(JsonToken.VALUE_NUMBER_INT)) return Instant.parse(in.getText());
      long nanos = in.getLongValue();
      return Instant.ofEpochSecond(
          Math.floorDiv(nanos, NANOS_PER_SECOND), Math.floorMod(nanos, NANOS_PER_SECOND));
    }
  }

  private static final class DurationWriter extends StdScalarSerializer<Duration> {
    private static final long serialVersionUID = 1L;

    DurationWriter() {
      super(Duration.class);
    }

    @Override
    public void serialize(Duration value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      if (fits(value.toSeconds())) {
        out.writeNumber(value.toNanos());
      } else {
        out.writeString(value.toString());
      }
    }
  }

  private static final class DurationReader extends StdScalarDeserializer<Duration> {
    private static final long serialVersionUID = 1L;

    DurationReader() {
      super(Duration.class);
    }

    @Override
    public Duration deserialize(JsonParser in, DeserializationContext context) throws IOException {
      return in.hasToken(JsonToken.VALUE_NUMBER_INT)
          ? Duration.ofNanos(in.getLongValue())
          : Duration.parse(in.getText());
    }
  }
}
