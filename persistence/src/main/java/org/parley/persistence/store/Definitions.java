package org.parley.persistence.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import org.parley.core.api.CampaignDefinition;

/** The form of a campaign's definition in its column; the read side writes it, reports read it. */
public final class Definitions {
  // A field that a newer release has written is passed over, for nodes of two releases share a
  // database during an upgrade.
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModules(new Jdk8Module(), new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build();

  private Definitions() {}

  public static String write(CampaignDefinition definition) {
    try {
      return JSON.writeValueAsString(definition);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("a definition that JSON cannot hold", e);
    }
  }

  static CampaignDefinition read(String json) {
    try {
      return JSON.readValue(json, CampaignDefinition.class);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a campaign's definition is not readable", e);
    }
  }
}
