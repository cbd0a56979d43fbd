package org.parley.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.pekko.http.scaladsl.model.Uri;
import org.jspecify.annotations.Nullable;

/**
 * Finds who answers a method and a path: a tree of path segments, so that the time does not grow
 * with the number of endpoints. Segments are compared after decoding, so an id may hold a slash
 * ({@code %2F}); an empty segment matches nothing.
 */
final class Router {
  private static final int MAX_SEGMENTS = 8;

  private final Node root = new Node();

  Router(List<Endpoint> endpoints) {
    for (Endpoint endpoint : endpoints) add(endpoint);
  }

  /** An endpoint and what stands for its placeholder. */
  record Match(Endpoint endpoint, String placeholder) {}

  /**
   * @throws Fault 404 when nothing is at this path, 405 when something is but not for this method
   */
  Match find(String method, Uri.Path path) {
    Node node = root;
    String placeholder = "";
    Uri.Path rest = path;
    for (int i = 0; !rest.isEmpty(); i++) {
      if (i == MAX_SEGMENTS || !rest.startsWithSlash()) throw nothingHere();
      rest = rest.tail();
      if (!rest.startsWithSegment() || !(rest.head() instanceof String segment)) {
        throw nothingHere();
      }
      rest = rest.tail();
      Node next = node.literals.get(segment);
      if (next == null) {
        next = node.any;
        placeholder = segment;
      }
      if (next == null) throw nothingHere();
      node = next;
    }
    if (node.byMethod.isEmpty()) throw nothingHere();
    Endpoint endpoint = node.byMethod.get(method);
    if (endpoint == null) throw Fault.methodNotAllowed(allowed(node));
    return new Match(endpoint, placeholder);
  }

  private void add(Endpoint endpoint) {
    Node node = root;
    for (String segment : segments(endpoint.path())) node = node.child(segment);
    if (node.byMethod.put(endpoint.method(), endpoint) != null) {
      throw new IllegalStateException("two endpoints for " + endpoint.route());
    }
  }

  private static List<String> segments(String path) {
    List<String> segments = new ArrayList<>();
    for (int at = 1; at <= path.length(); ) {
      int end = path.indexOf('/', at);
      if (end < 0) end = path.length();
      segments.add(path.substring(at, end));
      at = end + 1;
    }
    return segments;
  }

  private static String allowed(Node node) {
    TreeSet<String> methods = new TreeSet<>(node.byMethod.keySet());
    if (methods.contains("GET")) methods.add("HEAD");
    return String.join(", ", methods);
  }

  private static Fault nothingHere() {
    return Fault.of(404, "noSuchRoute", "Nothing is at this address. See /docs for what there is.");
  }

  private static final class Node {
    private final Map<String, Node> literals = new HashMap<>();
    private final Map<String, Endpoint> byMethod = new HashMap<>();
    private @Nullable Node any;

    Node child(String segment) {
      if (!segment.startsWith("{")) {
        return literals.computeIfAbsent(segment, s -> new Node());
      }
      Node child = Optional.ofNullable(any).orElseGet(Node::new);
      any = child;
      return child;
    }
  }
}
