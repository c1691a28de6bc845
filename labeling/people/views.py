from django.contrib.auth.views import LoginView


class SignIn(LoginView):
    template_name = "labeling/people/sign_in.html"
    redirect_authenticated_user = True
