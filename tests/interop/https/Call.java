import java.net.URL;
import javax.net.ssl.HttpsURLConnection;

/** Says what a service answers by HTTPS, as any program of Java does. */
public class Call {
    public static void main(String[] arguments) throws Exception {
        URL url = new URL(System.getenv("WAYPOST_ENDPOINT") + "/healthz");
        System.out.println(((HttpsURLConnection) url.openConnection()).getResponseCode());
    }
}
