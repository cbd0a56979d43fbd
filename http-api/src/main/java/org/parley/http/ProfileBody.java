package org.parley.http;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.parley.core.api.Profile;

/** A profile as clients write it: all of it may be left out, and the time is ours. */
record ProfileBody(
    Optional<String> email,
    Optional<String> phone,
    Optional<String> timeZone,
    Optional<String> locale,
    Optional<Map<String, String>> attributes) {

  Profile profile(Instant asOf) {
    return new Profile(email, phone, timeZone, locale, attributes.orElse(Map.of()), asOf);
  }
}
