package org.parley.core.conversation;

import com.typesafe.config.Config;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.parley.core.api.Channel;
import org.parley.core.api.Refusal;
import org.parley.core.api.Template;
import org.parley.core.spi.ReplyClassifier.Keyword;
import org.parley.core.template.Renderer;

/**
 * How commands are answered, {@code parley.replies}; reference.conf says what each key does.
 *
 * @param channels where they are answered at all
 * @param texts by language tag in lower case, and {@code default}
 * @param subjects the same, for email
 */
public record ReplySettings(
    Set<Channel> channels, Map<Keyword, Map<String, String>> texts, Map<String, String> subjects) {
  private static final String DEFAULT = "default";

  public ReplySettings {
    channels = Set.copyOf(channels);
    texts = Map.copyOf(texts);
    subjects = Map.copyOf(subjects);
  }

  public static ReplySettings from(Config config) {
    Config c = config.getConfig("parley.replies");
    Set<Channel> channels = EnumSet.noneOf(Channel.class);
    if (c.getBoolean("sms")) channels.add(Channel.SMS);
    if (c.getBoolean("email")) channels.add(Channel.EMAIL);
    Map<String, String> subjects = texts(c, "email-subject");
    Map<Keyword, Map<String, String>> texts = new EnumMap<>(Keyword.class);
    for (Keyword keyword : Keyword.values()) {
      String key = keyword.name().toLowerCase(Locale.ROOT) + "-text";
      Map<String, String> byLocale = texts(c, key);
      for (String text : byLocale.values()) check(key, Template.text("subject", text));
      texts.put(keyword, byLocale);
    }
    for (String subject : subjects.values()) check("email-subject", Template.text(subject, "text"));
    return new ReplySettings(channels, texts, subjects);
  }

  private static Map<String, String> texts(Config config, String key) {
    Map<String, String> out = new HashMap<>();
    config
        .getObject(key)
        .unwrapped()
        .forEach((locale, text) -> out.put(locale.toLowerCase(Locale.ROOT), text.toString()));
    return Map.copyOf(out);
  }

  private static void check(String key, Template template) {
    List<Refusal.Problem> problems = new Renderer().checkSyntax(template, Channel.EMAIL, "");
    if (problems.isEmpty()) return;
    throw new IllegalArgumentException("parley.replies." + key + ": " + problems.get(0).detail());
  }

  /** What is said to a command; nothing on a channel where they are not answered. */
  Optional<Template> answer(Keyword keyword, Channel channel, Optional<String> locale) {
    if (!channels.contains(channel)) return Optional.empty();
    Optional<String> text = pick(texts.getOrDefault(keyword, Map.of()), locale);
    Optional<String> subject =
        channel == Channel.EMAIL ? pick(subjects, locale) : Optional.<String>empty();
    if (channel == Channel.EMAIL && subject.isEmpty()) return Optional.empty();
    return text.map(said -> new Template(subject, Optional.of(said), Optional.empty()));
  }

  /** The text for a language tag: its own, else its language's, else the default one. */
  private static Optional<String> pick(Map<String, String> texts, Optional<String> locale) {
    String tag = locale.orElse(DEFAULT).toLowerCase(Locale.ROOT);
    int dash = tag.indexOf('-');
    String language = dash < 0 ? tag : tag.substring(0, dash);
    return Optional.ofNullable(texts.get(tag))
        .or(() -> Optional.ofNullable(texts.get(language)))
        .or(() -> Optional.ofNullable(texts.get(DEFAULT)));
  }
}
