package org.parley.core.template;

import java.util.Map;
import org.parley.core.api.Profile;

/** What one message's variables stand for. What is missing is the empty text. */
final class Values {
  private final Profile profile;
  private final Map<String, String> extra;

  Values(Profile profile, Map<String, String> extra) {
    this.profile = profile;
    this.extra = extra;
  }

  String get(String name) {
    String given = extra.get(name);
    if (given != null) return given;
    return switch (name) {
      case "email" -> profile.email().orElse("");
      case "phone" -> profile.phone().orElse("");
      case "timeZone" -> profile.timeZone().orElse("");
      case "locale" -> profile.locale().orElse("");
      default -> profile.attributes().getOrDefault(name, "");
    };
  }
}
