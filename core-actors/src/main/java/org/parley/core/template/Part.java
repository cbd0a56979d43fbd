package org.parley.core.template;

import com.samskivert.mustache.Mustache;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** One compiled part of a template: a subject, a text or an HTML body. Thread-safe. */
final class Part {
  private static final Mustache.Compiler PLAIN =
      Mustache.compiler()
          .withCollector(new NoReflection())
          .emptyStringIsFalse(true)
          .withEscaper(text -> text);
  private static final Mustache.Compiler HTML = PLAIN.withEscaper(HtmlText::escape);

  private final String name;
  private final String source;
  private final int maxChars;
  private final List<Tags.Tag> tags;
  private final com.samskivert.mustache.@Nullable Template compiled;

  private Part(
      String name,
      String source,
      int maxChars,
      List<Tags.Tag> tags,
      com.samskivert.mustache.@Nullable Template compiled) {
    this.name = name;
    this.source = source;
    this.maxChars = maxChars;
    this.tags = tags;
    this.compiled = compiled;
  }

  static Part plain(String name, String source, int maxChars) throws TemplateFault {
    return compile(name, source, maxChars, PLAIN);
  }

  static Part html(String name, String source, int maxChars) throws TemplateFault {
    return compile(name, source, maxChars, HTML);
  }

  private static Part compile(String name, String source, int maxChars, Mustache.Compiler compiler)
      throws TemplateFault {
    List<Tags.Tag> tags = Tags.of(source);
    boolean literal = !source.contains("{{");
    return new Part(name, source, maxChars, tags, literal ? null : compiler.compile(source));
  }

  String render(Values values) {
    if (compiled == null) {
      if (source.length() > maxChars) throw new TemplateTooLarge(name, maxChars);
      return source;
    }
    BoundedText out = new BoundedText(name, maxChars, Math.min(source.length(), maxChars) + 64);
    compiled.execute(values, out);
    return out.toString();
  }

  List<Tags.Tag> tags() {
    return tags;
  }

  /** What it costs to keep, in characters: a tag is some objects. */
  int weight() {
    return source.length() + 100 * tags.size();
  }

  /**
   * Looks names up in {@link Values} and nowhere else. The engine's own collector would call any
   * method of any object by its name, so that {@code {{#city}}{{length}}{{/city}}} would run code.
   */
  private static final class NoReflection implements Mustache.Collector {
    private static final Mustache.VariableFetcher FROM_VALUES =
        (values, name) -> ((Values) values).get(name);

    @Override
    public @Nullable Iterator<?> toIterator(Object value) {
      return null; // a section is shown once or not at all
    }

    @Override
    public Mustache.@Nullable VariableFetcher createFetcher(Object context, String name) {
      return context instanceof Values ? FROM_VALUES : null;
    }

    @Override
    public <K, V> Map<K, V> createFetcherCache() {
      return new ConcurrentHashMap<>();
    }
  }
}
