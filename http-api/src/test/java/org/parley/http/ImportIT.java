package org.parley.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.parley.http.ErrorsIT.problem;
import static org.parley.http.RunningApi.header;
import static org.parley.http.RunningApi.json;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ImportIT {
  private static final String PATH = "/v1/audiences/aud_1/members";
  private static final int MIB = 1 << 20;

  private RunningApi api = start("");

  private static RunningApi start(String imports) {
    return new RunningApi(
        "max-body = 1 KiB, import { max-concurrent = 1, max-bytes = 20 MiB,"
            + " max-wire-bytes = 12 MiB, "
            + imports
            + " }");
  }

  @BeforeEach
  void makeAnAudience() {
    api.parley.createAudience("aud_1", "readers").toCompletableFuture().join();
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void aFileIsImportedAndTheAnswerSaysWhereTheRejectsAre() {
    HttpResponse<String> done = upload("customerId,firstName\nc-1,Ada\nc-2,Bob\n", "text/csv");

    assertThat(done.statusCode()).as(done.body()).isEqualTo(200);
    assertThat(json(done).path("accepted").asLong()).isEqualTo(2);
    assertThat(header(done, "Link")).startsWith("</v1/audiences/aud_1/rejects>;");
    assertThat(api.parley.importedLines)
        .containsExactly("customerId,firstName", "c-1,Ada", "c-2,Bob");
    HttpResponse<String> rejects = api.get("/v1/audiences/aud_1/rejects?limit=5");
    assertThat(json(rejects).at("/items/0/line").asLong()).isEqualTo(7);
    assertThat(json(rejects).path("next").asText()).isEqualTo("more");
  }

  @Test
  void aFileMayBeFarLargerThanAnyOtherBody() {
    byte[] rows = new byte[10 * MIB];
    Arrays.fill(rows, (byte) 'x');
    for (int i = 63; i < rows.length; i += 64) rows[i] = '\n';

    HttpResponse<String> done = upload(rows, "application/x-ndjson", "");

    assertThat(done.statusCode()).as(done.body()).isEqualTo(200);
    assertThat(json(done).path("accepted").asLong()).isEqualTo(rows.length / 64);
  }

  @Test
  void aPackedFileIsUnpackedEvenWhenItHasSeveralMembers() throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    packed.writeBytes(gzip("customerId\nc-1\n".getBytes(StandardCharsets.UTF_8)));
    packed.writeBytes(gzip("c-2\nc-3\n".getBytes(StandardCharsets.UTF_8)));

    HttpResponse<String> done = upload(packed.toByteArray(), "text/csv", "gzip");

    assertThat(json(done).path("accepted").asLong()).as(done.body()).isEqualTo(3);
  }

  @Test
  void aBombIsStoppedByItsRatio() throws IOException {
    byte[] bomb = gzip(new byte[19 * MIB]);
    assertThat(bomb.length).isLessThan(MIB);

    HttpResponse<String> refused = upload(bomb, "text/csv", "gzip");

    problem(refused, 413, "bodyTooLarge");
    assertThat(refused.body()).contains("100 times");
    assertThat(api.parley.importedLines).isEmpty();
  }

  @Test
  void moreThanAllowedIsRefusedBeforeAndAfterUnpacking() throws IOException {
    assertThat(upload(new byte[13 * MIB], "text/csv", "").statusCode()).isEqualTo(413);

    // One more than allowed: nearly all has been read by then, so no answer is lost in a reset.
    byte[] rows = new byte[20 * MIB + 1];
    Random random = new Random(7);
    for (int i = 0; i < rows.length; i++) rows[i] = (byte) ('a' + random.nextInt(8));
    byte[] packed = gzip(rows);
    assertThat(packed.length).isLessThan(12 * MIB);
    HttpResponse<String> refused = upload(packed, "text/csv", "gzip");
    problem(refused, 413, "bodyTooLarge");
  }

  @Test
  void aFileThatIsNotWhatItSaysIsRefused() {
    problem(
        upload("customerId\n".getBytes(StandardCharsets.UTF_8), "text/csv", "gzip"),
        400,
        "invalidGzip");
    problem(upload("x", "text/plain"), 415, "unsupportedMediaType");
    problem(upload("x", "text/csv; charset=ISO-8859-1"), 415, "unsupportedMediaType");
    problem(upload(new byte[1], "text/csv", "br"), 415, "unsupportedMediaType");
    assertThat(api.parley.importedLines).isEmpty();
  }

  @Test
  void aPackedFileThatEndsTooEarlyIsNotImportedInPart() throws IOException {
    byte[] packed = gzip("customerId\nc-1\nc-2\n".getBytes(StandardCharsets.UTF_8));

    HttpResponse<String> refused =
        upload(Arrays.copyOf(packed, packed.length - 9), "text/csv", "gzip");

    problem(refused, 400, "invalidGzip");
    assertThat(api.parley.importedLines).isEmpty();
  }

  @Test
  void anUnknownAudienceIsNotFound() {
    HttpRequest request =
        request("/v1/audiences/aud_none/members", "x".getBytes(StandardCharsets.UTF_8), "text/csv");
    problem(api.send(request), 404, "audienceNotFound");
  }

  @Test
  void aRefusalReachesAClientThatReadsNothingBeforeItHasSentAll() throws IOException {
    try (Socket socket = api.connect()) {
      OutputStream out = socket.getOutputStream();
      out.write(head("/v1/audiences/aud_none/members", 11 * MIB));
      byte[] rows = new byte[MIB];
      for (int i = 0; i < 11; i++) out.write(rows);

      assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
          .isEqualTo("HTTP/1.1 404");
    }
  }

  @Test
  void whileTheOnlySlotIsTakenAnotherImportIsBusy() throws Exception {
    try (Socket socket = halfAnUpload()) {
      assertThat(api.parley.importing.await(10, TimeUnit.SECONDS)).isTrue();

      problem(upload("customerId\n", "text/csv"), 503, "busy");
      socket.setSoLinger(true, 0);
    }
    awaitASlot();
  }

  @Test
  void aClientThatStallsFailsItsImportAndGivesTheSlotBack() throws Exception {
    api.close();
    api = start("read-timeout = 700ms");
    makeAnAudience();
    try (Socket socket = halfAnUpload()) {
      String answer = new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII);
      assertThat(answer).isEqualTo("HTTP/1.1 408");
    }
    assertThat(api.parley.importBroke.get(10, TimeUnit.SECONDS)).hasMessageContaining("stalled");
    assertThat(api.parley.importedLines).isEmpty();
    awaitASlot();
  }

  private void awaitASlot() {
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> upload("customerId\nc-1\n", "text/csv").statusCode() == 200);
  }

  @Test
  void aClientThatDropsFailsItsImport() throws Exception {
    try (Socket socket = halfAnUpload()) {
      assertThat(api.parley.importing.await(10, TimeUnit.SECONDS)).isTrue();
      socket.setSoLinger(true, 0);
    }
    assertThat(api.parley.importBroke.get(10, TimeUnit.SECONDS)).isNotNull();
    assertThat(api.parley.importedLines).isEmpty();
  }

  private Socket halfAnUpload() throws IOException {
    api.parley.importing = new CountDownLatch(1);
    Socket socket = api.connect();
    OutputStream out = socket.getOutputStream();
    out.write(head(PATH, 1_000));
    out.write("customerId\nc-1\n".getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static byte[] head(String path, int contentLength) {
    return ("PUT "
            + path
            + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
            + MemoryStores.KEY
            + "\r\nContent-Type: text/csv\r\nContent-Length: "
            + contentLength
            + "\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  private HttpResponse<String> upload(String content, String type) {
    return upload(content.getBytes(StandardCharsets.UTF_8), type, "");
  }

  private HttpResponse<String> upload(byte[] content, String type, String encoding) {
    HttpRequest.Builder request = builder(PATH, content, type);
    if (!encoding.isEmpty()) request.header("Content-Encoding", encoding);
    return api.send(request.build());
  }

  private HttpRequest request(String path, byte[] content, String type) {
    return builder(path, content, type).build();
  }

  private HttpRequest.Builder builder(String path, byte[] content, String type) {
    return HttpRequest.newBuilder(api.uri(path))
        .PUT(BodyPublishers.ofByteArray(content))
        .header("Authorization", "Bearer " + MemoryStores.KEY)
        .header("Content-Type", type);
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(content);
    }
    return out.toByteArray();
  }
}
