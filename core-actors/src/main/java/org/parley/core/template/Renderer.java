package org.parley.core.template;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.parley.core.api.Channel;
import org.parley.core.api.Profile;
import org.parley.core.api.Refusal;
import org.parley.core.api.RefusedException;
import org.parley.core.api.RenderedMessage;
import org.parley.core.api.Template;
import org.parley.core.check.NotAcceptable;
import org.parley.core.check.ProfileCheck;

/**
 * Fills a customer's values into templates, and checks templates before they are used.
 *
 * <p>Variables are the profile's attributes, {@code email}, {@code phone}, {@code locale}, {@code
 * timeZone}, and what the caller adds ({@code customerId}, {@code unsubscribeUrl}). A missing value
 * is the empty text. A section {@code {{#name}}…{{/name}}} is shown when the value is there and not
 * empty, {@code {{^name}}…{{/name}}} when it is not. There are no loops, partials, lambdas or other
 * delimiters, and nothing switches escaping off. Values are escaped in HTML, and in a subject
 * become part of one line. Thread-safe.
 */
public final class Renderer {
  /** The longest text, as a template in bytes of UTF-8 and as a message in characters. */
  public static final int MAX_TEXT = 256 * 1024;

  /** The longest HTML, as a template in bytes of UTF-8 and as a message in characters. */
  public static final int MAX_HTML = 1024 * 1024;

  private static final long DEFAULT_CACHED_CHARS = 32L * 1024 * 1024;
  private static final int MAX_PROBLEMS_A_PART = 20;

  /**
   * A subject is cut after rendering; this bounds the work, above what 4,096-character values give.
   */
  private static final int MAX_RAW_SUBJECT = 1024 * 1024;

  private static final Pattern AUDIO = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,95}\\.wav");

  private final LoadingCache<TemplateKey, Compiled> cache;

  /** Keeps compiled templates of at most 32 Mi characters. */
  public Renderer() {
    this(DEFAULT_CACHED_CHARS);
  }

  /**
   * @param cachedChars how many characters of templates are kept compiled; too few and a template
   *     is compiled again for each message, which costs a thousand times as much
   */
  public Renderer(long cachedChars) {
    cache =
        Caffeine.newBuilder()
            .maximumWeight(cachedChars)
            .weigher((TemplateKey key, Compiled compiled) -> compiled.weight())
            .executor(Runnable::run)
            .build(key -> compile(key.template()));
  }

  /**
   * A message with one customer's values.
   *
   * @param extra values that go before the profile's
   * @throws TemplateTooLarge when the text or HTML became too long; a subject is cut instead
   * @throws RefusedException when the template would not pass {@link #checkSyntax}
   */
  public RenderedMessage render(Template template, Profile profile, Map<String, String> extra) {
    Compiled compiled = cache.get(new TemplateKey(template));
    Values values = new Values(profile, extra);
    return new RenderedMessage(
        compiled.subject.map(part -> Subject.oneLine(part.render(values))),
        compiled.text.map(part -> part.render(values)),
        compiled.html.map(part -> part.render(values)),
        template.audio());
  }

  /**
   * The names that a template uses, in order of appearance.
   *
   * @throws RefusedException when the template would not pass {@link #checkSyntax}
   */
  public Set<String> variables(Template template) {
    Compiled compiled = cache.get(new TemplateKey(template));
    Set<String> names = new LinkedHashSet<>();
    for (Part part : compiled.parts()) {
      for (Tags.Tag tag : part.tags()) names.add(tag.name());
    }
    return names;
  }

  /**
   * All that is wrong with a template for a channel.
   *
   * @param known the attributes that customers may have; the {@link Names#STANDARD} names are
   *     always known
   * @param pointer where the template stands in what was submitted, such as {@code
   *     /steps/0/template}
   * @return at most some dozens of problems; none when it may be used
   */
  public List<Refusal.Problem> check(
      Template template, Channel channel, Set<String> known, String pointer) {
    return problems(template, channel, Optional.of(known), pointer);
  }

  /** Like {@link #check}, when it is not known which attributes there will be. */
  public List<Refusal.Problem> checkSyntax(Template template, Channel channel, String pointer) {
    return problems(template, channel, Optional.empty(), pointer);
  }

  private static List<Refusal.Problem> problems(
      Template template, Channel channel, Optional<Set<String>> known, String pointer) {
    List<Refusal.Problem> problems = new ArrayList<>();
    checkParts(template, channel, pointer, problems);
    template.subject().ifPresent(s -> checkSubject(s, known, pointer + "/subject", problems));
    template
        .text()
        .ifPresent(s -> checkBody(s, MAX_TEXT, "256 KiB", known, pointer + "/text", problems));
    template
        .html()
        .ifPresent(
            s -> {
              checkBody(s, MAX_HTML, "1 MiB", known, pointer + "/html", problems);
              HtmlPlaces.check(s, pointer + "/html", problems);
            });
    return problems;
  }

  private static void checkParts(
      Template template, Channel channel, String pointer, List<Refusal.Problem> problems) {
    if (channel == Channel.EMAIL) {
      if (template.subject().filter(s -> !s.isBlank()).isEmpty()) {
        problems.add(new Refusal.Problem(pointer + "/subject", "an email needs a subject"));
      }
      if (isBlank(template.text()) && isBlank(template.html())) {
        problems.add(new Refusal.Problem(pointer, "an email needs a text, an html or both"));
      }
      if (template.audio().isPresent()) {
        problems.add(new Refusal.Problem(pointer + "/audio", "an email has no audio"));
      }
      return;
    }
    String name = channel == Channel.SMS ? "an SMS" : "a call";
    if (channel == Channel.PHONE && template.audio().isPresent()) {
      checkAudio(template, pointer, problems);
    } else if (isBlank(template.text())) {
      problems.add(new Refusal.Problem(pointer + "/text", name + " needs a text"));
    }
    if (channel == Channel.SMS && template.audio().isPresent()) {
      problems.add(new Refusal.Problem(pointer + "/audio", name + " has no audio"));
    }
    if (template.subject().isPresent()) {
      problems.add(new Refusal.Problem(pointer + "/subject", name + " has no subject"));
    }
    if (template.html().isPresent()) {
      problems.add(new Refusal.Problem(pointer + "/html", name + " has no html"));
    }
  }

  private static void checkAudio(
      Template template, String pointer, List<Refusal.Problem> problems) {
    if (template.text().isPresent()) {
      problems.add(
          new Refusal.Problem(pointer, "a call has a text or an audio file, and not both"));
    }
    if (!AUDIO.matcher(template.audio().orElseThrow()).matches()) {
      problems.add(
          new Refusal.Problem(
              pointer + "/audio",
              "is not the name of a WAV file, such as welcome.wav: letters, digits, '.', '-' and"
                  + " '_', at most 100 of them"));
    }
  }

  private static boolean isBlank(Optional<String> part) {
    return part.map(String::isBlank).orElse(true);
  }

  private static void checkSubject(
      String source, Optional<Set<String>> known, String pointer, List<Refusal.Problem> problems) {
    if (source.length() > Subject.MAX_CHARS) {
      problems.add(
          new Refusal.Problem(
              pointer,
              "the subject has "
                  + source.length()
                  + " characters; at most "
                  + Subject.MAX_CHARS
                  + " are allowed"));
      return;
    }
    if (source.chars().anyMatch(c -> Subject.isBreak((char) c))) {
      problems.add(
          new Refusal.Problem(pointer, "the subject must be one line without control characters"));
    } else {
      checkText(source, pointer, problems);
    }
    checkTags(source, known, pointer, problems);
  }

  private static void checkBody(
      String source,
      int maxBytes,
      String maxName,
      Optional<Set<String>> known,
      String pointer,
      List<Refusal.Problem> problems) {
    if (utf8Length(source) > maxBytes) {
      problems.add(new Refusal.Problem(pointer, "longer than " + maxName + " in UTF-8"));
      return;
    }
    checkText(source, pointer, problems);
    checkTags(source, known, pointer, problems);
  }

  private static void checkText(String source, String pointer, List<Refusal.Problem> problems) {
    try {
      ProfileCheck.checkText(source);
    } catch (NotAcceptable e) {
      problems.add(new Refusal.Problem(pointer, e.reason()));
    }
  }

  private static void checkTags(
      String source, Optional<Set<String>> known, String pointer, List<Refusal.Problem> problems) {
    try {
      List<Tags.Tag> tags = Tags.of(source);
      if (known.isEmpty()) return;
      Set<String> told = new LinkedHashSet<>();
      for (Tags.Tag tag : tags) {
        boolean isKnown = Names.STANDARD.contains(tag.name()) || known.get().contains(tag.name());
        if (isKnown || told.size() == MAX_PROBLEMS_A_PART || !told.add(tag.name())) continue;
        problems.add(new Refusal.Problem(pointer, unknown(source, tag, known.get())));
      }
    } catch (TemplateFault fault) {
      problems.add(new Refusal.Problem(pointer, message(fault)));
    }
  }

  private static String unknown(String source, Tags.Tag tag, Set<String> known) {
    List<String> candidates = new ArrayList<>(known);
    Names.STANDARD.stream().sorted().forEach(candidates::add);
    return message(
        Tags.fault(
            source,
            tag.at(),
            "nobody in the audience has '"
                + tag.name()
                + "'"
                + Names.didYouMean(tag.name(), candidates)));
  }

  private static String message(TemplateFault fault) {
    return String.valueOf(fault.getMessage());
  }

  /** How many bytes of UTF-8 a template's parts have together. */
  public static long bytes(Template template) {
    return Stream.of(template.subject(), template.text(), template.html())
        .flatMap(Optional::stream)
        .mapToLong(Renderer::utf8Length)
        .sum();
  }

  private static long utf8Length(String text) {
    long bytes = text.length();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80) continue;
      // A surrogate pair is four bytes, two for each of its halves.
      bytes += c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
    }
    return bytes;
  }

  private static Compiled compile(Template template) {
    List<Refusal.Problem> problems = new ArrayList<>();
    Optional<Part> subject = compile("subject", template.subject(), MAX_RAW_SUBJECT, problems);
    Optional<Part> text = compile("text", template.text(), MAX_TEXT, problems);
    Optional<Part> html = compile("html", template.html(), MAX_HTML, problems);
    if (!problems.isEmpty()) {
      throw new RefusedException(
          Refusal.invalid("template", "The template cannot be used.", problems));
    }
    return new Compiled(subject, text, html);
  }

  private static Optional<Part> compile(
      String name, Optional<String> source, int maxChars, List<Refusal.Problem> problems) {
    if (source.isEmpty()) return Optional.empty();
    try {
      return Optional.of(
          name.equals("html")
              ? Part.html(name, source.get(), maxChars)
              : Part.plain(name, source.get(), maxChars));
    } catch (TemplateFault fault) {
      problems.add(new Refusal.Problem("/" + name, message(fault)));
      return Optional.empty();
    }
  }

  private record Compiled(Optional<Part> subject, Optional<Part> text, Optional<Part> html) {
    List<Part> parts() {
      List<Part> parts = new ArrayList<>(3);
      subject.ifPresent(parts::add);
      text.ifPresent(parts::add);
      html.ifPresent(parts::add);
      return parts;
    }

    int weight() {
      int weight = 1_000;
      for (Part part : parts()) weight += part.weight();
      return weight;
    }
  }
}
