import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.UUID;

/** A sandbox that no other test sees. The process behind all of them ends with this one. */
public final class WaypostSandbox {
  private static final String URL = start();
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private final String name = UUID.randomUUID().toString();

  /** For `Config.endpoint`; the protocol is http. */
  public final String endpoint = URL.substring("http://".length());

  /** The AccessKeyId and the secret. */
  public final String key = name + "@sandbox";

  /** The JSON of a control endpoint, such as `phones/4915112345678/code`. */
  public String get(String path) throws IOException, InterruptedException {
    return HTTP.send(request(path).build(), BodyHandlers.ofString()).body();
  }

  /** Posts JSON to a control endpoint, such as `clock/advance`. */
  public String post(String path, String json) throws IOException, InterruptedException {
    return HTTP.send(request(path).POST(BodyPublishers.ofString(json)).build(), BodyHandlers.ofString()).body();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(URL + "/@" + name + "/sandbox/" + path));
  }

  private static String start() {
    var waypost = new ProcessBuilder("waypost", "sandbox", "--port", "0", "--limit", "0", "--json", "--with-parent");
    try {
      var process = waypost.redirectError(ProcessBuilder.Redirect.DISCARD).start();
      var ready = new BufferedReader(new InputStreamReader(process.getInputStream())).readLine();
      return ready.replaceFirst(".*\"url\": ?\"([^\"]+)\".*", "$1");
    } catch (IOException error) {
      throw new UncheckedIOException(error);
    }
  }
}
