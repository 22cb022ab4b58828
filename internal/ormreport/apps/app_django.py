# An application as one writes it with Django's ORM: the same change in six
# ways. PORT and DATABASE_URL tell where it listens and where its store is.
import os, json
from urllib.parse import urlparse, unquote
import django
from django.conf import settings
u = urlparse(os.environ['DATABASE_URL'])
settings.configure(DEBUG=False, SECRET_KEY='x', ALLOWED_HOSTS=['*'], ROOT_URLCONF=__name__, DEFAULT_AUTO_FIELD='django.db.models.AutoField',
    DATABASES={'default': {'ENGINE': 'django.db.backends.postgresql', 'HOST': u.hostname, 'PORT': u.port, 'USER': u.username,
                           'PASSWORD': unquote(u.password or ''), 'NAME': u.path.lstrip('/'), 'OPTIONS': {'sslmode': 'disable'}, 'CONN_MAX_AGE': 0}},
    INSTALLED_APPS=[], MIDDLEWARE=[])
django.setup()
from django.db import models, transaction
from django.http import JsonResponse
from django.urls import path
class Item(models.Model):
    id = models.TextField(primary_key=True); stock = models.IntegerField()
    class Meta: app_label = 'x'; db_table = 'items'; managed = False
class Order(models.Model):
    id = models.AutoField(primary_key=True); item = models.TextField(); n = models.IntegerField()
    class Meta: app_label = 'x'; db_table = 'orders'; managed = False
class Tag(models.Model):
    name = models.TextField(primary_key=True); n = models.IntegerField()
    class Meta: app_label = 'x'; db_table = 'tags'; managed = False
def view(request, kind='', id=''):
    if request.method == 'GET':
        if not id: return JsonResponse({})
        i = Item.objects.filter(pk=id).first()
        if i is None: return JsonResponse({}, status=404)
        return JsonResponse({'stock': i.stock, 'orders': Order.objects.filter(item=id).count(), 'tags': list(Tag.objects.filter(name=id).values_list('n', flat=True))})
    b = json.loads(request.body or '{}'); n = b.get('n', 0)
    if kind == 'items':
        Item.objects.create(id=id, stock=b['stock']); return JsonResponse({}, status=201)
    if kind == 'save':
        i = Item.objects.get(pk=id); i.stock -= n; i.save(); return JsonResponse({'left': i.stock})
    if kind == 'atomic':
        with transaction.atomic():
            i = Item.objects.get(pk=id); i.stock -= n; i.save()
        return JsonResponse({'left': i.stock})
    if kind == 'f':
        Item.objects.filter(pk=id, stock__gte=n).update(stock=models.F('stock') - n); return JsonResponse({})
    if kind == 'lock':
        with transaction.atomic():
            i = Item.objects.select_for_update().get(pk=id); i.stock -= n; i.save(); Order.objects.create(item=id, n=n)
        return JsonResponse({'left': i.stock})
    if kind == 'orders':
        if Order.objects.filter(item=id).exists(): return JsonResponse({}, status=409)
        Order.objects.create(item=id, n=1); return JsonResponse({})
    if kind == 'getorcreate':
        t, c = Tag.objects.get_or_create(name=id, defaults={'n': n}); return JsonResponse({'created': c, 'n': t.n})
urlpatterns = [path('', view), path('<str:kind>/<str:id>', view)]
from django.core.wsgi import get_wsgi_application
from wsgiref.simple_server import make_server, WSGIServer, WSGIRequestHandler
from socketserver import ThreadingMixIn
class S(ThreadingMixIn, WSGIServer): daemon_threads = True
class H(WSGIRequestHandler):
    protocol_version = 'HTTP/1.1'
    def log_message(self, *a): pass
make_server('127.0.0.1', int(os.environ['PORT']), get_wsgi_application(), S, H).serve_forever()
