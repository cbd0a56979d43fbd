package org.parley.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.apache.pekko.http.javadsl.model.ContentTypes;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;
import org.apache.pekko.util.ByteString;
import org.parley.http.Endpoint.Produces;

/** The API's description and the page that shows it; both work without the internet. */
final class Documentation {
  private static final String WEBJAR = "META-INF/resources/webjars/swagger-ui/";
  private static final String WEBJAR_VERSION =
      "META-INF/maven/org.webjars/swagger-ui/pom.properties";

  /** Swagger UI writes style attributes and draws its icons from data URLs. */
  private static final HttpHeader POLICY =
      RawHeader.create(
          "Content-Security-Policy",
          "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self'"
              + " data:; connect-src 'self'; base-uri 'none'; form-action 'none';"
              + " frame-ancestors 'none'");

  private static final String PAGE =
      """
      <!doctype html>
      <html lang="en">
      <head>
        <meta charset="utf-8">
        <title>Parley API</title>
        <link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
        <link rel="stylesheet" href="/docs/swagger-ui.css">
      </head>
      <body>
        <div id="swagger-ui"></div>
        <script src="/docs/swagger-ui-bundle.js"></script>
        <script src="/docs/start.js"></script>
      </body>
      </html>
      """;

  private static final String START =
      """
      window.ui = SwaggerUIBundle({
        url: "/openapi.yaml",
        dom_id: "#swagger-ui",
        deepLinking: true,
        validatorUrl: null
      });
      """;

  private final Optional<String> publicUrl;

  Documentation(Optional<String> publicUrl) {
    this.publicUrl = publicUrl;
  }

  List<Endpoint> endpoints() {
    String version = webjarVersion();
    Map<String, HttpResponse> files =
        Map.of(
            "start.js", answer("text/javascript; charset=UTF-8", ByteString.fromString(START)),
            "swagger-ui.css", asset(version, "swagger-ui.css", "text/css; charset=UTF-8"),
            "swagger-ui-bundle.js",
                asset(version, "swagger-ui-bundle.js", "text/javascript; charset=UTF-8"),
            "favicon-32x32.png", asset(version, "favicon-32x32.png", "image/png"));
    HttpResponse yaml = answer("application/yaml", ByteString.fromString(openApi()));
    HttpResponse page = answer("text/html; charset=UTF-8", ByteString.fromString(PAGE));
    return List.of(
        fixed("/openapi.yaml", call -> yaml),
        fixed("/docs", call -> page),
        fixed("/docs/{file}", call -> file(files, call.id())));
  }

  private static HttpResponse file(Map<String, HttpResponse> files, String name) {
    HttpResponse file = files.get(name);
    if (file == null) throw Fault.of(404, "noSuchFile", "The documentation has no such file.");
    return file;
  }

  /** The description, with this installation's own address. */
  private String openApi() {
    String yaml = new String(resource("org/parley/http/openapi.yaml"), StandardCharsets.UTF_8);
    return publicUrl
        .map(url -> yaml.replace("  - url: /\n", "  - url: " + url + "\n"))
        .orElse(yaml);
  }

  private static HttpResponse asset(String version, String name, String type) {
    byte[] content = resource(WEBJAR + version + "/" + name);
    return answer(type, ByteString.fromArrayUnsafe(content));
  }

  private static HttpResponse answer(String type, ByteString content) {
    return HttpResponse.create()
        .withStatus(200)
        .withEntity(HttpEntities.create(ContentTypes.parse(type), content))
        .addHeaders(HtmlPage.STRICT)
        .addHeader(POLICY);
  }

  private static Endpoint fixed(String path, Function<Call, HttpResponse> content) {
    return Endpoint.get(path, call -> CompletableFuture.completedFuture(content.apply(call)))
        .open()
        .producing(Produces.ANY);
  }

  private static String webjarVersion() {
    Properties properties = new Properties();
    try {
      properties.load(new ByteArrayInputStream(resource(WEBJAR_VERSION)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties.getProperty("version", "");
  }

  private static byte[] resource(String name) {
    try (InputStream in = Documentation.class.getClassLoader().getResourceAsStream(name)) {
      if (in == null) throw new IllegalStateException("missing from the class path: " + name);
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
